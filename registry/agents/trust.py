"""Trust signals of an agent: facts about its author and its users.

They say who and since when, never that an agent is safe.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, UUIDField

from foundation.clock import now
from foundation.compiled_query import CompiledQuery, list_parameter
from profiles.queries import GitHubAccount, github_accounts_since
from registry.models import Agent, Version, VersionDiff, VersionWithholding
from registry.rules.periods import days_between

CADENCE_DAYS = 365


@dataclass(frozen=True, slots=True)
class TrustFacts:
    """Trust signals of one agent.

    ``github_since`` and ``github_login`` are None unless GitHub has confirmed the account and its
    date. ``days_between_versions`` is a median, None for fewer than two versions. ``networks_30d``
    is accurate to about 5 %.
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
    """Trust signals for a row of a list, from the agent's own columns.

    ``grew_at`` is when access was last expanded, or None.
    """

    first_published_at: datetime
    publisher_since: datetime
    github_since: datetime | None
    versions: int
    days_between_versions: int | None
    networks_30d: int
    signed_in_installs_30d: int
    grew_at: datetime | None


def trust_facts_of(agent: Agent) -> TrustFacts:
    """Two queries and the owner's row, however many versions there are."""
    moments = list(
        Version.objects.of(agent.pk)
        .order_by("-uploaded_at", "id")
        .values_list("uploaded_at", flat=True)
    )
    year_ago = now() - timedelta(days=CADENCE_DAYS)
    github = github_accounts_since([agent.owner_user_id]).get(agent.owner_user_id)
    return TrustFacts(
        first_published_at=agent.created_at,
        publisher_since=agent.owner_user.created_at,
        github_since=github.since if github else None,
        github_login=github.login if github else None,
        versions=len(moments),
        versions_this_year=sum(moment >= year_ago for moment in moments),
        days_between_versions=days_between(moments),
        networks_30d=agent.networks_30d,
        signed_in_installs_30d=agent.signed_in_30d,
    )


# The agent columns that `trust_in_rows` reads.
IN_A_TRUST_ROW = (
    *("owner_user_id", "owner_user__created_at", "created_at", "version_count"),
    *("days_between_versions", "networks_30d", "signed_in_30d"),
)


def trust_in_rows(agents: Collection[Mapping[str, Any]]) -> dict[UUID, RowTrust]:
    """Trust signals of agents by id, from their columns, in two queries."""
    accounts = github_accounts_since({agent["owner_user_id"] for agent in agents})
    growths = last_growths([agent["id"] for agent in agents])
    return {
        agent["id"]: _row_trust(
            agent, accounts.get(agent["owner_user_id"]), growths.get(agent["id"])
        )
        for agent in agents
    }


def _row_trust(
    agent: Mapping[str, Any], github: GitHubAccount | None, growth: "Growth | None"
) -> RowTrust:
    return RowTrust(
        first_published_at=agent["created_at"],
        publisher_since=agent["owner_user__created_at"],
        github_since=github.since if github else None,
        versions=agent["version_count"],
        days_between_versions=agent["days_between_versions"],
        networks_30d=agent["networks_30d"],
        signed_in_installs_30d=agent["signed_in_30d"],
        grew_at=growth.moment if growth else None,
    )


@dataclass(frozen=True, slots=True)
class Growth:
    """The last upgrade that expanded an agent's access."""

    old: str
    new: str
    moment: datetime


def last_growth(agent: Agent) -> Growth | None:
    """The last expansion of access, from stored diffs, or None."""
    return last_growths([agent.pk]).get(agent.pk)


def last_growths(agent_ids: Collection[UUID]) -> dict[UUID, Growth]:
    """The last expansion by agent, in one query, without withheld versions."""
    rows = _growths(len(agent_ids)).tuples(agents=list(agent_ids))
    return {agent_id: Growth(old, new, moment) for agent_id, old, new, moment in rows}


@lru_cache(maxsize=64)
def _growths(count: int) -> CompiledQuery:
    either_version = Q(version=OuterRef("old_version")) | Q(version=OuterRef("new_version"))
    diffs = VersionDiff.objects.filter(
        ~Exists(VersionWithholding.objects.in_force().filter(either_version)),
        is_adjacent=True,
        asks_for_more=True,
        new_version__agent__pk__in=list_parameter("agents", UUIDField(), count),
    ).order_by("new_version__uploaded_at")
    columns = ("old_version__version", "new_version__version", "new_version__uploaded_at")
    return CompiledQuery(diffs.values("new_version__agent", *columns))
