"""Read revisions."""

from django.db.models import BigIntegerField, Sum
from django.db.models.expressions import Subquery
from django.db.models.functions import Coalesce

from foundation.caching.models import Revision


def revision_column(name: str) -> Coalesce:
    """The named revision as a column of another query; 0 before its first change."""
    parts = Revision.objects.filter(name=name).order_by().values("name")
    total = Subquery(parts.annotate(total=Sum("number")).values("total"))
    return Coalesce(total, 0, output_field=BigIntegerField())


def get_revision(name: str) -> int:
    """The named revision, which every committed change increases; 0 before the first."""
    total = Revision.objects.filter(name=name).aggregate(total=Sum("number"))["total"]
    return total or 0
