"""Who decides about accounts. Answers, never acts."""

from uuid import UUID

from django.core import signing

from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.text.input import read_uuid

REASON_LENGTH = 2000
SUSPENDED_SALT = "foundation.accounts.suspended"

MAINTAINER_PERMISSIONS = (
    "accounts.view_user",
    "accounts.view_suspension",
    "accounts.change_suspension",
)


def may_decide_about(user: User, actor: Actor) -> bool:
    """Maintainers with a credential for it; nobody about themselves, nor about whoever runs the
    instance."""
    return actor.moderates and not actor.is_user(user.pk) and not user.is_superuser


def suspended_token(user: User) -> str:
    """Stands in a link for who is suspended and cannot sign in: it opens the page that says why,
    and their appeals, and nothing else."""
    return signing.dumps(str(user.pk), salt=SUSPENDED_SALT)


def suspended_id_of(token: str) -> UUID | None:
    """Whose link it is; None for one that is not ours."""
    try:
        return read_uuid(signing.loads(token, salt=SUSPENDED_SALT))
    except signing.BadSignature:
        return None
