"""API: what this shop offers, and what the caller's credential may do."""

from typing import Any

from ninja import Router, Schema

from clawstore.discovery.queries import describe_actor, get_capabilities
from foundation.access.api import public, public_write
from foundation.limits.middleware import Limited
from foundation.web.requests import Request

router = Router(tags=["service"])


class Authentication(Schema):
    """How a program gets a key: by a device login (RFC 8628), or made on a page.

    ``oauth`` leads apps that speak MCP to tokens for its address (RFC 8414), or is null.
    """

    scheme: str
    deviceAuthorization: str
    deviceToken: str
    keys: str
    oauth: str | None


class Features(Schema):
    """Parts that an instance may lack."""

    searchByMeaning: bool
    payments: bool
    trustedPublishing: bool


class ScopeOut(Schema):
    """A scope of API keys."""

    name: str
    description: str


class PackageBounds(Schema):
    """The size of packages that are accepted."""

    maxTarballBytes: int
    maxFiles: int


class LimitOut(Schema):
    """``max`` uses in ``seconds``, counted by user or by network address."""

    name: str
    max: int
    seconds: int
    per: str


class Capabilities(Schema):
    """Addresses, features and limits of this shop. ``mcp`` is null where it is off."""

    name: str
    version: str
    api: str
    openapi: str
    mcp: str | None
    documentation: str
    manifestSchema: str
    isClosed: bool
    authentication: Authentication
    features: Features
    scopes: list[ScopeOut]
    package: PackageBounds
    limits: list[LimitOut]


class ActorOut(Schema):
    """``scope`` is null for an account that cannot publish."""

    login: str
    scope: str | None


class KeyInUse(Schema):
    """The API key of the request. ``boundTo`` is the one subject that it may touch."""

    id: str
    boundTo: str | None


class DomainRole(Schema):
    """A domain of content, and the caller's role in it."""

    name: str
    role: str


class OwnLimit(Schema):
    """A limit that is counted by account.

    ``remainingUses`` and ``resetsIn`` (seconds) are null for limits that each process counts.
    """

    name: str
    max: int
    seconds: int
    remainingUses: int | None
    resetsIn: int | None


class WhoAmI(Schema):
    """``actor`` is ``anonymous`` without a credential, ``key`` null for a session."""

    actor: ActorOut | str
    key: KeyInUse | None
    scopes: list[str]
    domains: list[DomainRole]
    limits: list[OwnLimit]


@router.get("/capabilities", response=Capabilities, auth=public, throttle=[Limited("read")])
def read_capabilities(request: Request) -> dict[str, Any]:
    """Addresses, features, scopes and limits that this shop offers to programs."""
    return get_capabilities()


@router.get("/whoami", response=WhoAmI, auth=public_write, throttle=[Limited("read")])
def whoami(request: Request) -> dict[str, Any]:
    """The owner of the credential, its rights, and what is left of its limits.

    An ended key is refused with 401; it is not treated as no credential."""
    return describe_actor(request.auth)
