"""Numbers of mirrors, for the desk and the metrics."""

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from registry.models import Mirror, MirroredAgent, MirrorProblem


def with_numbers(mirrors: "QuerySet[Mirror]") -> "QuerySet[Mirror]":
    """Each with its counts: ``waiting_``, ``agent_``, ``problem_``, ``alarm_count``."""
    agents = MirroredAgent.objects.filter(mirror=OuterRef("pk"))
    problems = MirrorProblem.objects.filter(mirror=OuterRef("pk"))
    return mirrors.annotate(
        agent_count=_count(agents),
        waiting_count=_count(agents.filter(is_pending=True)),
        problem_count=_count(problems),
        alarm_count=_count(problems.filter(is_alarm=True)),
    )


def _count(rows: "QuerySet[MirroredAgent] | QuerySet[MirrorProblem]") -> Coalesce:
    counts = rows.order_by().values("mirror").annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counts, output_field=IntegerField()), 0)


def list_mirrors() -> list[Mirror]:
    """All mirrors with their numbers, in one query."""
    return list(with_numbers(Mirror.objects.order_by("source")))
