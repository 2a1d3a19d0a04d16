"""Mark what has changed."""

from functools import cache

from django.db import connection
from django.db.models import CharField, F

from foundation.caching.models import SITE, Revision
from foundation.compiled_query import CompiledQuery, Parameter


class BumpOutsideTransaction(RuntimeError):
    """A bug in the caller: the revision and the change must be committed together."""


def bump_revision(name: str) -> None:
    """Increase the named revision; call it inside the transaction of the change.

    It waits for no other transaction and can be part of no deadlock: on PostgreSQL it takes a part
    of the revision that is not locked, or adds one.
    """
    if not connection.in_atomic_block:
        raise BumpOutsideTransaction(name)
    part_ids = _unlocked_part_query().tuples(name=name)
    if part_ids:
        Revision.objects.filter(pk=part_ids[0][0]).update(number=F("number") + 1)
    else:
        Revision.objects.create(name=name, number=1)


@cache
def _unlocked_part_query() -> CompiledQuery:
    parts = Revision.objects.select_for_update(skip_locked=True)
    parts = parts.filter(name=Parameter("name", CharField()))
    return CompiledQuery(parts.order_by("pk").values("pk")[:1])


def bump_site() -> None:
    """Mark every page as changed. It empties the whole cache, so use it rarely."""
    bump_revision(SITE)
