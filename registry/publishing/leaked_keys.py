"""Revokes keys of this shop that an uploaded package contains."""

from collections.abc import Collection
from uuid import UUID

from django.utils.translation import gettext as _

from foundation.access.models import ApiKey
from foundation.access.revocations import revoke_leaked_key
from foundation.actor import Actor
from foundation.audit.models import AuditLog
from foundation.notices.mails import mail_notice, page_url


def revoke_leaked_keys(digests: Collection[str], *, place: str, by: Actor) -> int:
    """Revokes the active keys with these SHA-256 digests, and returns their number.

    The uploader has read them, also those of other users, so this happens also if the publish is
    refused.
    `place` names the package for the owner of a key.
    """
    return sum(revoke_leaked_key(digest, place=place, by=by) is not None for digest in digests)


def mail_owner_of_leaked_key(event: AuditLog, *, cause: UUID) -> bool:
    """Email the owner of a key that was revoked because a package contained it."""
    key = ApiKey.objects.select_related("created_by").get(pk=event.entity_id)
    return mail_notice(
        key.created_by,
        "account",
        subject=_("An API key of yours was in a package and is revoked"),
        template="leaked_key",
        cause=cause,
        key=key,
        place=event.details.get("place", ""),
        keys_at=page_url("account_keys"),
    )
