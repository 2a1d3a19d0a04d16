"""What speaks for an agent besides its contents: numbers, each with where it comes from. They say
who and since when, never that something is harmless."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from itertools import pairwise
from statistics import median

from django.db.models import Sum

from foundation.clock import now, today
from profiles.queries import github_account_since
from registry.models import Agent, DownloadDay, Version
from registry.rules import window_start

VERSIONS_LOOKED_AT = 100
CADENCE_DAYS = 365


class Source(Enum):
    """Who vouches for a fact."""

    MEASURED = "measured here"
    GITHUB = "verified with GitHub"
    AUTHOR = "claimed by the author"


# Field of `TrustFacts` → who vouches for it. Nothing here is the author's word alone; what is (the
# homepage, the repository, the licence) stands on the label.
SOURCES = {
    "first_published_at": Source.MEASURED,
    "publisher_since": Source.MEASURED,
    "github_since": Source.GITHUB,
    "github_login": Source.GITHUB,
    "versions": Source.MEASURED,
    "versions_this_year": Source.MEASURED,
    "last_published_at": Source.MEASURED,
    "days_between_versions": Source.MEASURED,
    "downloads_30d": Source.MEASURED,
    "networks_30d": Source.MEASURED,
    "signed_in_installs_30d": Source.MEASURED,
}


@dataclass(frozen=True, slots=True)
class TrustFacts:
    """Of one agent. ``github_since`` and ``github_login`` are None for an account that did not come
    from GitHub or that GitHub said no date of; ``days_between_versions`` is the middle one of the
    last hundred gaps, None with fewer than two versions. ``networks_30d`` is about right (some five
    in a hundred)."""

    first_published_at: datetime
    publisher_since: datetime
    github_since: datetime | None
    github_login: str | None
    versions: int
    versions_this_year: int
    last_published_at: datetime | None
    days_between_versions: int | None
    downloads_30d: int
    networks_30d: int
    signed_in_installs_30d: int

    def source(self, field: str) -> Source:
        return SOURCES[field]


def trust_facts_of(agent: Agent) -> TrustFacts:
    """Three queries and the owner's row, however many versions there are."""
    moments = list(
        Version.objects.of(agent.pk)
        .order_by("-uploaded_at", "id")
        .values_list("uploaded_at", flat=True)
    )
    year_ago = now() - timedelta(days=CADENCE_DAYS)
    github = github_account_since(agent.owner_user_id)
    return TrustFacts(
        first_published_at=agent.created_at,
        publisher_since=agent.owner_user.created_at,
        github_since=github.since if github else None,
        github_login=github.login if github else None,
        versions=len(moments),
        versions_this_year=sum(moment >= year_ago for moment in moments),
        last_published_at=moments[0] if moments else None,
        days_between_versions=_middle_gap(moments[:VERSIONS_LOOKED_AT]),
        downloads_30d=agent.downloads_30d,
        networks_30d=agent.networks_30d,
        signed_in_installs_30d=_signed_in(agent),
    )


def _middle_gap(moments: list[datetime]) -> int | None:
    """Days, of moments the newest first."""
    gaps = [(later - earlier) / timedelta(days=1) for later, earlier in pairwise(moments)]
    return round(median(gaps)) if gaps else None


def _signed_in(agent: Agent) -> int:
    days = DownloadDay.objects.of_agent(agent.pk).since(window_start(today()))
    return days.aggregate(total=Sum("signed_in"))["total"] or 0
