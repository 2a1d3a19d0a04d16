"""Roles, with what each app lets them see in the admin."""

from foundation.accounts import actions as accounts
from foundation.accounts.models import User
from foundation.actor import Actor
from moderation.rules import MAINTAINER_PERMISSIONS as MODERATION
from registry.rules import MAINTAINER_PERMISSIONS as REGISTRY
from reviews.rules import MAINTAINER_PERMISSIONS as REVIEWS

PERMISSIONS = {
    "maintainer": (*REGISTRY, *REVIEWS, *MODERATION, "events.view_auditlog"),
    "official": (),
}


def grant_role(user: User, role: str, *, by: Actor) -> None:
    """Make ``user`` a maintainer or an official publisher."""
    accounts.grant_role(user, role, permissions=PERMISSIONS[role], by=by)


def revoke_role(user: User, role: str, *, by: Actor) -> None:
    accounts.revoke_role(user, role, by=by)
