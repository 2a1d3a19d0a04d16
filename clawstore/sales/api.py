"""The API for the CLI of one buyer, below an address that is valid for an hour."""

from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from ninja import Router

from clawstore.sales.install_links import InstallRight, read_install_token
from foundation.access.api import public
from foundation.limits.middleware import Limited, caller_network
from foundation.web.requests import Request
from registry.agents.api import read_agent
from registry.agents.queries import find_pinned_version
from registry.downloads.api import get_version, send_tarball
from registry.errors import AgentNotFound
from wordclaw.payments.access.credentials import Reader

router = Router(tags=["payments"])
AGENT = "/as/{token}/agents/{scope}/{name}"
VERSION = AGENT + "/versions/{version}"
READ: dict[str, Any] = {"auth": public, "throttle": [Limited("read")]}
PRIVATE = "private, no-store"
Response = TypeVar("Response", bound=HttpResponseBase)


@router.get(AGENT, summary="One agent, for the CLI of its buyer", **READ)
def read_bought_agent(request: Request, token: str, scope: str, name: str) -> HttpResponse:
    find_right(token, scope, name)
    return mark_private(read_agent(request, scope, name))


@router.get(VERSION, summary="One version, for the CLI of its buyer", **READ)
def read_bought_version(
    request: HttpRequest, token: str, scope: str, name: str, version: str
) -> HttpResponse:
    find_right(token, scope, name)
    return mark_private(get_version(request, scope, name, version))


@router.get(VERSION + "/tarball", summary="A package, for the CLI of its buyer", **READ)
def download_bought_tarball(
    request: HttpRequest, token: str, scope: str, name: str, version: str
) -> HttpResponseBase:
    right = find_right(token, scope, name)
    reader = Reader(
        by=right.by,
        network=caller_network(request),
        # Without the token, which is a secret while it is valid.
        path=f"/v1/agents/{scope}/{name}/versions/{version}/tarball",
        entitlement_id=right.entitlement_id,
    )
    row = find_pinned_version(scope.lstrip("@"), name, version)
    return mark_private(send_tarball(request, row, scope, name, reader))


def find_right(token: str, scope: str, name: str) -> InstallRight:
    """Return the right of an address.

    Raises EntitlementNotFound, or AgentNotFound for an agent that it is not for.
    """
    right = read_install_token(token)
    if f"@{scope.lstrip('@')}/{name}".lower() not in right.agent_ids:
        raise AgentNotFound
    return right


def mark_private(response: Response) -> Response:
    response["Cache-Control"] = PRIVATE
    return response
