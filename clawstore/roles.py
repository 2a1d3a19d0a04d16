"""Roles and their permissions at the desk."""

from foundation.accounts import actions as accounts
from foundation.accounts.models import User
from foundation.accounts.rules import MAINTAINER_PERMISSIONS as ACCOUNTS
from foundation.actor import Actor
from foundation.audit.rules import MAINTAINER_PERMISSIONS as AUDIT
from foundation.jobs.rules import MAINTAINER_PERMISSIONS as JOBS
from moderation.rules import MAINTAINER_PERMISSIONS as MODERATION
from registry.rules.permissions import MAINTAINER_PERMISSIONS as REGISTRY
from reviews.rules import MAINTAINER_PERMISSIONS as REVIEWS

PERMISSIONS = {
    "maintainer": (*ACCOUNTS, *REGISTRY, *REVIEWS, *MODERATION, *AUDIT, *JOBS),
    "official": (),
}


# Doors of the operator, who has shell access and may grant roles without being a maintainer.
OPERATOR = ("system", "command")


def grant_role(user: User, role: str, *, notes: str = "", by: Actor) -> None:
    """Grant a role. A maintainer may grant it to others, not to themselves."""
    _refuse_unauthorised(user, by)
    accounts.grant_role(user, role, permissions=PERMISSIONS[role], notes=notes, by=by)


def revoke_role(user: User, role: str, *, notes: str = "", by: Actor) -> None:
    _refuse_unauthorised(user, by)
    accounts.revoke_role(user, role, notes=notes, by=by)


def _refuse_unauthorised(user: User, by: Actor) -> None:
    if by.is_known or by.door not in OPERATOR:
        accounts.refuse_who_may_not_decide_about(user, by)


def refresh_roles() -> None:
    """Update the permissions of all roles after an upgrade."""
    for role, permissions in PERMISSIONS.items():
        accounts.set_permissions(role, permissions)
