"""Read revisions."""

from functools import lru_cache

from django.db.models import BigIntegerField, CharField, Sum
from django.db.models.expressions import Subquery
from django.db.models.functions import Coalesce

from foundation.caching.models import Revision
from foundation.compiled_query import CompiledQuery, list_parameter


def revision_column(name: str) -> Coalesce:
    """The named revision as a column of another query; 0 before its first change."""
    parts = Revision.objects.filter(name=name).order_by().values("name")
    total = Subquery(parts.annotate(total=Sum("number")).values("total"))
    return Coalesce(total, 0, output_field=BigIntegerField())


def get_revisions(*names: str) -> tuple[int, ...]:
    """The named revisions, 0 before the first change.

    Every committed change increases them.
    """
    numbers = dict(_revisions_by_name_query(len(names)).tuples(names=names))
    return tuple(numbers.get(name, 0) for name in names)


@lru_cache(maxsize=8)
def _revisions_by_name_query(count: int) -> CompiledQuery:
    parts = Revision.objects.filter(name__in=list_parameter("names", CharField(), count))
    return CompiledQuery(parts.order_by().values("name").annotate(total=Sum("number")))
