"""Rows of agents in lists, with a constant number of queries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Subquery, UUIDField

from foundation.compiled_instances import CompiledInstances
from foundation.compiled_query import CompiledQuery, list_parameter
from foundation.text.language_tags import choose_language
from registry.agents.addresses import icon_address
from registry.agents.trust import TRUST_COLUMNS, RowTrust, get_row_trust
from registry.analysis.summary import FactSummary, read_summary
from registry.models import (
    Agent,
    AgentQuerySet,
    Channel,
    Version,
    VersionAsset,
    VersionWithholding,
)

AGENT_COLUMNS = (
    *("id", "scope", "name", "display_name", "tagline", "license", "avg_rating", "review_count"),
    *("updated_at", "downloads_30d", "price_satoshis"),
)
"""Columns of an agent that a row has unchanged."""

ROW_VALUES = (
    *(*AGENT_COLUMNS, "row_facts", "taglines", *TRUST_COLUMNS),
    *("deprecated_at", "archived_at"),
)
"""All columns of an agent that a row is made from."""


@dataclass(frozen=True, slots=True)
class AgentRow:
    """An agent in a list, with the version that represents it.

    All fields are plain values, so equal rows give equal HTML, which is cached by them. ``icon`` is
    the address of the image, and ``thumbnail`` the digest of a small screenshot; both may be blank.
    ``facts`` counts what the version declares. ``language`` is that of a translated tagline, blank
    for the tagline of the package.
    """

    id: UUID
    scope: str
    name: str
    display_name: str
    tagline: str
    version: str
    channel: str
    license: str
    icon: str
    avg_rating: float | None
    review_count: int
    updated_at: datetime
    downloads_30d: int
    price_satoshis: int | None
    facts: FactSummary
    trust: RowTrust
    thumbnail: str = ""
    language: str = ""
    is_deprecated: bool = False
    is_archived: bool = False

    @property
    def full_id(self) -> str:
        return f"@{self.scope}/{self.name}"

    @property
    def channel_name(self) -> str:
        return Channel(self.channel).label


def list_rows(agents: AgentQuerySet, languages: Sequence[str] = ()) -> list[AgentRow]:
    """Returns the agents as rows, without those that have no version to show.

    Taglines are in the first of the reader's languages that the agent has.
    """
    # To create model instances would take longer than the query.
    return _make_rows(list(agents.values(*ROW_VALUES)), languages)


def list_rows_by_ids(
    agent_ids: Sequence[UUID], languages: Sequence[str] = ()
) -> dict[UUID, AgentRow]:
    """Returns the rows of these agents by id; see `list_rows`."""
    rows = _make_rows(_rows_query(len(agent_ids)).rows(ids=list(agent_ids)), languages)
    return {row.id: row for row in rows}


@lru_cache(maxsize=64)
def _rows_query(count: int) -> CompiledQuery:
    agents = Agent.objects.filter(pk__in=list_parameter("ids", UUIDField(), count))
    return CompiledQuery(agents.values(*ROW_VALUES))


def _make_rows(values: list[dict[str, Any]], languages: Sequence[str]) -> list[AgentRow]:
    trust = get_row_trust(values)
    return [
        make_row(agent, trust[agent["id"]], languages) for agent in values if agent["row_facts"]
    ]


def make_row(agent: Mapping[str, Any], trust: RowTrust, languages: Sequence[str] = ()) -> AgentRow:
    """Returns the row of an agent that is given by its column values."""
    facts, taglines = agent["row_facts"], agent.get("taglines")
    language = choose_language(languages, taglines) if taglines else None
    columns = {column: agent[column] for column in AGENT_COLUMNS}
    if language is not None:
        columns["tagline"] = taglines[language]  # type: ignore[index]
    return AgentRow(
        **columns,
        language=language or "",
        is_deprecated=agent.get("deprecated_at") is not None,
        is_archived=agent.get("archived_at") is not None,
        version=facts["version"],
        channel=facts["channel"],
        icon=icon_address(agent["scope"], agent["name"], facts),
        facts=read_summary(facts),
        trust=trust,
        thumbnail=facts.get("thumbnail", ""),
    )


@dataclass(frozen=True, slots=True)
class AgentWithVersion:
    """An agent with the version that represents it in lists."""

    agent: Agent
    version: Version


def list_with_versions(agents: AgentQuerySet) -> list[AgentWithVersion]:
    """The agents with their latest or newest offered version, in two queries."""
    # An agent with pre-releases alone has no latest version.
    agent_list = list(agents.select_related("latest_version"))
    newest = _newest_versions([agent.pk for agent in agent_list if not agent.latest_version_id])
    versions = {agent.pk: agent.latest_version or newest.get(agent.pk) for agent in agent_list}
    return [
        AgentWithVersion(agent, version)
        for agent in agent_list
        if (version := versions[agent.pk]) is not None
    ]


def _newest_versions(agent_ids: Sequence[UUID]) -> dict[UUID, Version]:
    """Returns the newest version that is neither yanked nor withheld, by agent."""
    if not agent_ids:
        return {}
    newest = Version.objects.of(OuterRef("pk")).offered().newest_first().values("pk")[:1]
    version_ids = Agent.objects.filter(pk__in=agent_ids, latest_version=None).values_list(
        Subquery(newest), flat=True
    )
    versions = Version.objects.filter(pk__in=version_ids)
    return {version.agent_id: version for version in versions}


def get_icons(version_ids: Sequence[UUID]) -> dict[UUID, VersionAsset]:
    """Returns the icons by version, none of withheld versions."""
    icons = _icons_query(len(version_ids)).instances(versions=version_ids)
    return {icon.version_id: icon for icon in icons}


@lru_cache(maxsize=8)
def _icons_query(count: int) -> CompiledInstances[VersionAsset]:
    withholdings = VersionWithholding.objects.in_force().filter(version=OuterRef("version"))
    icons = VersionAsset.objects.filter(
        ~Exists(withholdings),
        version__pk__in=list_parameter("versions", UUIDField(), count),
        kind=VersionAsset.Kind.ICON,
    )
    return CompiledInstances(icons, relations=(), annotations=())
