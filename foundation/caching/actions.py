"""Mark what has changed."""

from django.db import connection
from django.db.models import F

from foundation.caching.models import SITE, Revision


class BumpOutsideTransaction(RuntimeError):
    """A bug in the caller: the revision and the change must be committed together."""


def bump_revision(name: str) -> None:
    """Increase the named revision; call it inside the transaction of the change.

    It waits for no other transaction and can be part of no deadlock: on PostgreSQL it takes a part
    of the revision that is not locked, or adds one.
    """
    if not connection.in_atomic_block:
        raise BumpOutsideTransaction(name)
    parts = Revision.objects.select_for_update(skip_locked=True).filter(name=name)
    part_id = parts.order_by("pk").values_list("pk", flat=True).first()
    if part_id is None:
        Revision.objects.create(name=name, number=1)
    else:
        Revision.objects.filter(pk=part_id).update(number=F("number") + 1)


def bump_site() -> None:
    """Mark every page as changed. It empties the whole cache, so use it rarely."""
    bump_revision(SITE)
