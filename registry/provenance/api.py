"""API: exchange the identity token of a CI run for a key."""

from typing import Any

from django.conf import settings
from ninja import Router, Status

from foundation.access.api import public
from foundation.clock import iso
from foundation.limits.middleware import Limited
from foundation.web.requests import Request
from registry.provenance.actions import SCOPE, exchange_token
from registry.provenance.schemas import AudienceOut, CiKeyOut, IdentityTokenIn

router = Router(tags=["publishing"])


@router.get(
    "/trusted-publishing/audience",
    response=AudienceOut,
    auth=public,
    throttle=[Limited("read")],
)
def get_audience(request: Request) -> dict[str, Any]:
    """The audience for which a workflow must request its token."""
    issuers = [issuer.url for issuer in settings.TRUSTED_ISSUERS]
    return {"audience": settings.BASE_URL, "issuers": issuers}


@router.post(
    "/trusted-publishing/token",
    response={201: CiKeyOut},
    auth=public,
    throttle=[Limited("exchange")],
)
def exchange(request: Request, body: IdentityTokenIn) -> Status:
    """Exchange the identity token of a workflow's run for a key of 15 minutes.

    The key may publish one agent, whose publisher named the workflow before. A token works once."""
    key = exchange_token(body.token, full_id=body.agent, by=request.auth)
    return Status(
        201,
        {
            "key": key.raw,
            "agent": key.full_id,
            "scopes": [SCOPE],
            "expiresAt": iso(key.expires_at),
        },
    )
