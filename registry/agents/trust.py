"""Trust signals of an agent: who publishes it, since when, and who uses it.

None of them says that an agent is harmless.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, lru_cache
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, UUIDField

from foundation.clock import now
from foundation.compiled_query import CompiledQuery, Parameter, list_parameter
from profiles.queries import github_accounts_since
from registry.models import Agent, Version, VersionDiff, VersionWithholding
from registry.rules.periods import days_between

DAYS_OF_THIS_YEAR = 365
SHORT_HISTORY = timedelta(days=30)
"""A shorter history is no signal, and a list does not mention it."""
RECENT_PERIOD = timedelta(days=14)
"""The time in which a list mentions that an agent expanded its access."""


@dataclass(frozen=True, slots=True)
class TrustFacts:
    """Trust signals on an agent's page.

    ``github_since`` and ``github_login`` are None for an account without GitHub.
    ``days_between_versions`` is the median of the last hundred gaps, None with fewer than two
    versions. ``networks_30d`` is accurate to about 5 %.
    """

    first_published_at: datetime
    publisher_since: datetime
    github_since: datetime | None
    github_login: str | None
    versions: int
    versions_this_year: int
    days_between_versions: int | None
    networks_30d: int
    signed_in_installs_30d: int


@dataclass(frozen=True, slots=True)
class RowTrust:
    """Trust signals in a list, from denormalised columns of the agent.

    ``grew_at`` is when the agent last expanded its access, or None.
    """

    first_published_at: datetime
    networks_30d: int
    grew_at: datetime | None

    @property
    def has_history(self) -> bool:
        """Whether the agent is old enough for its age and its cadence to say something."""
        return self.first_published_at < now() - SHORT_HISTORY

    @property
    def grew_lately(self) -> bool:
        """Whether the agent expanded its access so lately that a list warns of it."""
        return self.grew_at is not None and self.grew_at > now() - RECENT_PERIOD

    @property
    def says_something(self) -> bool:
        return self.has_history or bool(self.networks_30d) or self.grew_lately


def get_trust_facts(agent: Agent) -> TrustFacts:
    """Returns the trust signals of one agent, in two queries besides its owner."""
    upload_times = [moment for (moment,) in _upload_times_query().tuples(agent=agent.pk)]
    year_start = now() - timedelta(days=DAYS_OF_THIS_YEAR)
    github = github_accounts_since([agent.owner_user_id]).get(agent.owner_user_id)
    return TrustFacts(
        # An agent is created by its first publish.
        first_published_at=agent.created_at,
        publisher_since=agent.owner_user.created_at,
        github_since=github.since if github else None,
        github_login=github.login if github else None,
        versions=len(upload_times),
        versions_this_year=sum(time >= year_start for time in upload_times),
        days_between_versions=days_between(upload_times),
        networks_30d=agent.networks_30d,
        signed_in_installs_30d=agent.signed_in_30d,
    )


@cache
def _upload_times_query() -> CompiledQuery:
    versions = Version.objects.filter(agent=Parameter("agent", UUIDField()))
    return CompiledQuery(versions.order_by("-uploaded_at", "id").values("uploaded_at"))


TRUST_COLUMNS = ("created_at", "networks_30d")
"""Columns of an agent that `get_row_trust` needs, besides its id."""


def get_row_trust(agents: Collection[Mapping[str, Any]]) -> dict[UUID, RowTrust]:
    """The trust signals of agents by id, from their columns, in one query."""
    growth = get_last_growth([agent["id"] for agent in agents])
    return {agent["id"]: _make_row_trust(agent, growth.get(agent["id"])) for agent in agents}


def _make_row_trust(agent: Mapping[str, Any], growth: "AccessGrowth | None") -> RowTrust:
    return RowTrust(
        first_published_at=agent["created_at"],
        networks_30d=agent["networks_30d"],
        grew_at=growth.moment if growth else None,
    )


@dataclass(frozen=True, slots=True)
class AccessGrowth:
    """The last expansion of access: both versions, and the time of the newer one."""

    old: str
    new: str
    moment: datetime


def get_last_growth(agent_ids: Collection[UUID]) -> dict[UUID, AccessGrowth]:
    """Returns the last growth by agent, for those that have one. One query.

    Growth is read from the diffs that are computed after each publish. Withheld versions are left
    out, because a diff would show what they contain.
    """
    rows = _growth_query(len(agent_ids)).tuples(agents=list(agent_ids))
    # The newest comes last and overwrites the older ones.
    return {agent_id: AccessGrowth(old, new, moment) for agent_id, old, new, moment in rows}


@lru_cache(maxsize=64)
def _growth_query(count: int) -> CompiledQuery:
    of_either = Q(version=OuterRef("old_version")) | Q(version=OuterRef("new_version"))
    diffs = VersionDiff.objects.filter(
        ~Exists(VersionWithholding.objects.in_force().filter(of_either)),
        is_adjacent=True,
        asks_for_more=True,
        new_version__agent__pk__in=list_parameter("agents", UUIDField(), count),
    ).order_by("new_version__uploaded_at")
    columns = ("old_version__version", "new_version__version", "new_version__uploaded_at")
    return CompiledQuery(diffs.values("new_version__agent", *columns))
