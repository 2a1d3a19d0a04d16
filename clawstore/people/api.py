"""People and health: the parts of /v1 that combine apps."""

from typing import Annotated, Any

from ninja import Router, Schema
from pydantic import AfterValidator, BaseModel, ConfigDict, StrictStr

from clawstore import VERSION
from clawstore.people.queries import own_account, public_person
from foundation.access.api import public, signed_in
from foundation.access.middleware import Request
from foundation.limits.middleware import Limited
from foundation.texts import no_nul
from profiles.actions import edit_profile
from profiles.errors import InvalidProfile

router = Router(tags=["people"])


class Health(Schema):
    ok: bool
    version: str


class PublicAgent(Schema):
    scope: str
    name: str
    tagline: str
    avgRating: float | None
    downloadCount: int


class PublicPerson(Schema):
    githubLogin: str
    displayName: str | None
    avatarUrl: str | None
    bio: str | None
    website: str | None
    location: str | None
    createdAt: str
    agents: list[PublicAgent]


class OwnProfile(Schema):
    bio: str | None
    website: str | None
    location: str | None
    avatarUrl: str | None
    displayName: str | None


class Me(Schema):
    id: str
    name: str
    email: str
    image: str | None
    scope: str | None
    ownedAgentCount: int
    profile: OwnProfile


Text = Annotated[StrictStr, AfterValidator(no_nul)]
ON_THE_WIRE = {"display_name": "displayName"}
OUR_NAMES = {theirs: ours for ours, theirs in ON_THE_WIRE.items()}


class ProfileIn(BaseModel):
    """An absent key keeps what is there, null clears it."""

    model_config = ConfigDict(strict=True)

    bio: Text | None = None
    website: Text | None = None
    location: Text | None = None
    displayName: Text | None = None


class Done(Schema):
    ok: bool


@router.get("/health", response=Health, tags=["service"])
def health(request: Request) -> dict[str, Any]:
    """Whether the shop is open, and which version it is."""
    return {"ok": True, "version": VERSION}


@router.get("/me", response=Me, auth=signed_in, throttle=[Limited("auth")])
def me(request: Request) -> dict[str, Any]:
    """Who the credential belongs to. `scope` is null for an account that cannot publish."""
    return own_account(request.auth)


@router.get("/users/{login}", response=PublicPerson, auth=public, throttle=[Limited("read")])
def get_user(request: Request, login: str) -> dict[str, Any]:
    """A person as the public sees them, with their listed agents."""
    return public_person(login)


@router.put("/users/{login}/profile", response=Done, auth=signed_in, throttle=[Limited("write")])
def put_profile(request: Request, login: str, body: ProfileIn) -> dict[str, Any]:
    """Edit one's own profile."""
    sent = body.model_dump(exclude_unset=True)
    changes = {OUR_NAMES.get(key, key): sent[key] for key in sent}
    try:
        edit_profile(login, changes, by=request.auth)
    except InvalidProfile as refusal:
        for error in refusal.details["errors"]:
            error["path"] = ON_THE_WIRE.get(error["path"], error["path"])
        raise
    return {"ok": True}
