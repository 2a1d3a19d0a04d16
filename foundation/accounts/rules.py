"""Rules for decisions about accounts, and links for people who cannot sign in."""

from uuid import UUID

from django.core import signing

from foundation.accounts.models import User
from foundation.text.input import read_uuid

REASON_LENGTH = 2000
# Part of every link that was mailed: the value must not change.
SUSPENDED_SALT = "foundation.accounts.suspended"

DESK_PERMISSIONS = (
    "accounts.view_user",
    "accounts.view_suspension",
    "accounts.change_suspension",
)


def suspended_token(user: User) -> str:
    """Return a token that opens the suspension and appeal pages without sign-in."""
    # Without expiry, because a suspension may last for years.
    return signing.dumps(str(user.pk), salt=SUSPENDED_SALT)


def suspended_id_of(token: str) -> UUID | None:
    """Return the user's id from a `suspended_token`; None if it is forged."""
    try:
        return read_uuid(signing.loads(token, salt=SUSPENDED_SALT))
    except signing.BadSignature:
        return None
