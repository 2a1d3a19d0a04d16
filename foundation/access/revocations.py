"""Revocation of API keys of other people: of leaked ones, and by maintainers.

The callers check that the actor may decide about the owner of the key.
"""

from uuid import UUID

from django.db import transaction

from foundation.access.models import ApiKey
from foundation.actor import Actor
from foundation.audit.actions import record
from foundation.clock import now


@transaction.atomic
def revoke_leaked_key(key_hash: str, *, place: str, by: Actor) -> ApiKey | None:
    """Revoke the active key with this digest, of any user; None if there is none.

    ``place`` says where the key was read. ``by`` is the actor who brought the text.
    """
    # Of any user: the key has been in a package or a text, where strangers may have read it.
    key = ApiKey.objects.select_for_update().filter(key_hash=key_hash, revoked_at=None).first()
    if key is not None:
        key.revoked_at = now()
        key.save(update_fields=["revoked_at"])
        prefix = key.key_prefix
        record("api_key.leaked", "api_key", str(key.pk), by=by, prefix=prefix, place=place)
    return key


@transaction.atomic
def revoke_key_of_other(key_id: UUID, *, reason: str, by: Actor) -> bool:
    """Revoke a key of any user. Returns False if it is revoked already.

    The caller checks that the actor may decide about the key's owner.
    """
    key = ApiKey.objects.select_for_update().get(pk=key_id)
    if key.revoked_at is not None:
        return False
    key.revoked_at = now()
    key.save(update_fields=["revoked_at"])
    prefix = key.key_prefix
    record("api_key.withdrawn", "api_key", str(key.pk), by=by, prefix=prefix, reason=reason)
    return True
