"""The people of the demo catalogue, as actors."""

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.db import transaction

from clawstore.roles import grant_role
from foundation.accounts.models import User
from foundation.actor import Actor
from profiles.actions import edit_profile, make_development_user
from registry.rules.permissions import MAINTAINER, OFFICIAL

COMMAND = Actor(door="command")
VISITOR = Actor(door="page", address_hash=sha256(b"demo visitor").hexdigest())
# An account is between one and this many days older than the first thing that its owner did.
MAX_DAYS_BEFORE = 40



def actor_named(login: str | None, door: str = "page") -> Actor:
    """The person as the actor; without a login, a visitor."""
    return VISITOR if login is None else Actor(user=User.objects.get(username=login), door=door)


@transaction.atomic
def add_person(person: dict[str, Any], *, official: bool, maintainer: bool) -> None:
    user = make_development_user(person["login"], name=person["name"], by=COMMAND)
    fields = {key: person[key] for key in ("bio", "website", "location") if person.get(key)}
    edit_profile(person["login"], fields, by=Actor(user=user, door="command"))
    if official:
        grant_role(user, OFFICIAL, by=COMMAND)
    if maintainer:
        grant_role(user, MAINTAINER, by=COMMAND)


def invented_sign_up(login: str, first_event: datetime) -> datetime:
    """Return an invented time of sign-up, some days before the first event."""
    return first_event - timedelta(days=1 + sha256(login.encode()).digest()[0] % MAX_DAYS_BEFORE)
