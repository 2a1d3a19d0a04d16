"""The roles of this project, and who may grant them."""

from clawstore.editorial.rules import DESK_PERMISSIONS as CONTENT
from clawstore.intake.rules import DESK_PERMISSIONS as REQUESTS
from foundation.access.rules import DESK_PERMISSIONS as ACCESS
from foundation.accounts import actions as accounts
from foundation.accounts.actions import require_decidable
from foundation.accounts.models import User
from foundation.accounts.roles import Role
from foundation.accounts.rules import DESK_PERMISSIONS as ACCOUNTS
from foundation.actor import Actor
from foundation.audit.rules import DESK_PERMISSIONS as AUDIT
from foundation.jobs.rules import DESK_PERMISSIONS as JOBS
from moderation.rules import DESK_PERMISSIONS as MODERATION
from registry.rules.permissions import DESK_PERMISSIONS as REGISTRY
from registry.rules.permissions import MAINTAINER, OFFICIAL, require_moderator
from reviews.rules import DESK_PERMISSIONS as REVIEWS
from wordclaw.payments.rules import DESK_PERMISSIONS as PAYMENTS

ROLES = (
    Role(
        name=MAINTAINER,
        group="Maintainers",
        is_staff=True,
        permissions=(
            *(*ACCOUNTS, *ACCESS, *REGISTRY, *REVIEWS, *MODERATION, *CONTENT, *REQUESTS),
            *(*AUDIT, *JOBS, *PAYMENTS),
        ),
    ),
    Role(name=OFFICIAL, group="Official publishers"),
)

# An operator with a shell on the machine has full access anyway.
OPERATOR_DOORS = ("system", "command")


def grant_role(user: User, role: str, *, notes: str = "", by: Actor) -> None:
    """Give a user a role. Maintainers may, but not to themselves."""
    _require_may_change_roles(user, by)
    accounts.grant_role(user, role, notes=notes, by=by)


def revoke_role(user: User, role: str, *, notes: str = "", by: Actor) -> None:
    """Take a role from a user. Maintainers may, but not from themselves."""
    _require_may_change_roles(user, by)
    accounts.revoke_role(user, role, notes=notes, by=by)


def _require_may_change_roles(user: User, by: Actor) -> None:
    # A known actor is checked at each door: the shell of an operator is used without a user.
    if by.is_known or by.door not in OPERATOR_DOORS:
        require_moderator(by)
        require_decidable(user, by)
