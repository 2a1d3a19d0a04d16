"""JSON endpoints that combine apps: people and health."""

from typing import Annotated, Any

from ninja import Router, Schema
from pydantic import AfterValidator, BaseModel, ConfigDict, StrictStr

from clawstore import VERSION
from clawstore.people.queries import own_account, public_person
from foundation.access.api import public, signed_in
from foundation.limits.middleware import Limited
from foundation.text.input import reject_nul
from foundation.web.requests import Request
from foundation.web.schemas import Done
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


Text = Annotated[StrictStr, AfterValidator(reject_nul)]
WIRE_NAMES = {"display_name": "displayName"}
COLUMN_NAMES = {wire: column for column, wire in WIRE_NAMES.items()}


class ProfileIn(BaseModel):
    """Changes of a profile: an absent key keeps a value, null clears it."""

    # A number is no text: 1 must not become "1".
    model_config = ConfigDict(strict=True)

    bio: Text | None = None
    website: Text | None = None
    location: Text | None = None
    displayName: Text | None = None


@router.get("/health", response=Health, tags=["service"])
def health(request: Request) -> dict[str, Any]:
    """Whether the service runs, and its version."""
    return {"ok": True, "version": VERSION}


@router.get("/me", response=Me, auth=signed_in, throttle=[Limited("auth")])
def me(request: Request) -> dict[str, Any]:
    """The account of the credential; `scope` is null if it cannot publish."""
    return own_account(request.auth)


@router.get("/users/{login}", response=PublicPerson, auth=public, throttle=[Limited("read")])
def get_user(request: Request, login: str) -> dict[str, Any]:
    """A public profile with its listed agents."""
    return public_person(login)


@router.put("/users/{login}/profile", response=Done, auth=signed_in, throttle=[Limited("write")])
def put_profile(request: Request, login: str, body: ProfileIn) -> dict[str, Any]:
    """Edit the profile of the signed-in user."""
    # Only keys that were sent: an absent key keeps the value and null clears it.
    fields = body.model_dump(exclude_unset=True)
    changes = {COLUMN_NAMES.get(key, key): fields[key] for key in fields}
    try:
        edit_profile(login, changes, by=request.auth)
    except InvalidProfile as refusal:
        # The action names columns; the API has names of its own.
        for error in refusal.details["errors"]:
            error["path"] = WIRE_NAMES.get(error["path"], error["path"])
        raise
    return {"ok": True}
