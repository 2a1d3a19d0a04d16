"""Exported tables of agents and categories, and columns that an import derives."""

from collections.abc import Collection, Iterator
from typing import Any
from uuid import UUID

from foundation.batches import in_batches
from foundation.export import PersonalDataPart, Row, Table, rows_without
from foundation.text.names import clean_names
from profiles.rules import is_web_address, may_be_a_scope
from registry.agents.listing import (
    ROW_COLUMNS,
    filter_columns,
    folded_name_of,
    update_row_columns,
    version_columns,
    version_summary,
)
from registry.models import Agent, AgentPick, AgentTag, Category, Version
from registry.rules.identifiers import AGENT_ID, AGENT_NAME
from registry.rules.lengths import MAX_DEPRECATED_VERSIONS, REASON_LENGTH

STATUS_COLUMNS = ("latest_version_id", "latest_channel", "is_listed", "offers_beta")
SEARCH_COLUMNS = ("folded_name",)
FILTER_COLUMNS = ("model_provider", "requires_secrets")
DERIVED_COLUMNS = (*STATUS_COLUMNS, *SEARCH_COLUMNS, *FILTER_COLUMNS)


def _check_agent(row: Row) -> str:
    if not may_be_a_scope(row["scope"]) or not AGENT_NAME.fullmatch(row["name"]):
        return "scope and name are not those of an agent"
    for column in ("homepage", "repository"):
        if row[column] and not is_web_address(row[column]):
            return f"{column} is not an http or https address"
    former_scope = row.get("former_scope") or ""
    if former_scope and not may_be_a_scope(former_scope):
        return "former_scope is not a scope"
    return _check_deprecations(row)


def _check_deprecations(row: Row) -> str:
    # Absent in exports from before there were any.
    successor, versions = row.get("successor") or "", row.get("deprecated_versions") or {}
    if successor and not AGENT_ID.fullmatch(successor):
        return "successor is not the id of an agent"
    is_map = isinstance(versions, dict) and len(versions) <= MAX_DEPRECATED_VERSIONS
    if not is_map or not all(map(_is_deprecation, versions.values())):
        return "deprecated_versions are not reasons by version"
    return ""


def _is_deprecation(entry: Any) -> bool:
    has_texts = isinstance(entry, dict) and entry.keys() == {"reason", "since"}
    return has_texts and all(
        isinstance(text, str) and len(text) <= REASON_LENGTH for text in entry.values()
    )


CATEGORIES = Table(
    name="categories",
    model=Category,
    order=["id"],
    replaces_rows=True,
    converters={"name": clean_names, "sentence": clean_names},
    defaults={"sentence": lambda _row: ""},
)
AGENTS = Table(
    name="agents",
    model=Agent,
    order=["id"],
    private_columns=frozenset({"delisted_by_user_id"}),
    former_columns=frozenset({"search_text", "more_words", "asks_for_secrets"}),
    # The import counts numbers that depend on the day and copies values of the versions again. A
    # revision is valid in one database only.
    omitted_columns=frozenset(
        {
            *("downloads_30d", "signed_in_30d", "networks_30d", "trend_ratio", "search_weight"),
            *("revision", *ROW_COLUMNS),
            # From content, which an import reads later.
            *("guide_count", "taglines"),
        }
    ),
    forward_references=frozenset({"latest_version_id"}),
    converters={"display_name": clean_names, "tagline": clean_names},
    problem=_check_agent,
)
# Only in backups: a mirror has maintainers of its own, who pick for themselves.
AGENT_PICKS = Table(name="agent_picks", model=AgentPick, order=["agent_id"], private=True)
AGENT_TAGS = Table(name="agent_tags", model=AgentTag, order=["agent_id", "tag"])


def derive_columns(absent: Collection[str]) -> None:
    """Derive columns of agents that an export does not have, from their versions."""
    for batch in in_batches(Agent.objects.order_by("pk").iterator()):
        update_row_columns(batch)
    columns = [column for column in DERIVED_COLUMNS if f"agents.{column}" in absent]
    agents = Agent.objects.order_by("pk") if columns else Agent.objects.none()
    for batch in in_batches(agents.iterator()):
        for agent in batch:
            _derive(agent, columns)
        Agent.objects.bulk_update(batch, [column.removesuffix("_id") for column in columns])


def _derive(agent: Agent, columns: list[str]) -> None:
    derived_values: dict[str, Any] = {"folded_name": folded_name_of(agent.display_name)}
    summary = version_summary(agent.pk)
    if summary is not None:
        imported_id = agent.latest_version_id
        derived_values |= version_columns(agent, summary)
        if "latest_version_id" not in columns:
            derived_values["is_listed"] = imported_id is not None and not agent.is_delisted
        versions = Version.objects.filter(pk__in=[summary.shown_id or UUID(int=0)])
        derived_values |= filter_columns(versions.values_list("manifest", flat=True).first() or {})
    for column in derived_values.keys() & set(columns):
        setattr(agent, column, derived_values[column])


def _own_agents(user_id: UUID) -> Iterator[Row]:
    agents = Agent.objects.filter(owner_user_id=user_id).order_by("created_at", "id")
    hidden_columns = (*SEARCH_COLUMNS, "search_weight", "revision", "delisted_by_user_id")
    return rows_without(agents, *hidden_columns)


PERSONAL_DATA = (PersonalDataPart("agents", _own_agents),)
