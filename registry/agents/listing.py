"""The listing of an agent: columns derived from its versions."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from foundation.bulk_writes import BulkUpdate
from foundation.text.names import is_readable_name, readable_name
from foundation.text.normalise import fold
from registry.agents.addresses import icon_address
from registry.agents.derived_data import find_facts
from registry.agents.prices import PRICE_COLUMNS, price_columns
from registry.agents.revisions import bump_listing
from registry.analysis.manifest_facts import read_declared_facts
from registry.analysis.summary import summarise, summarise_manifest
from registry.examiner.records import is_short_svg
from registry.models import Agent, AgentTag, Channel, StoredRow, Version, VersionAsset
from registry.package.manifest.licences import normalise_licence
from registry.rules.periods import days_between
from registry.rules.semver import is_newer, precedence
from registry.search_index.actions import index_agents


@dataclass(frozen=True, slots=True)
class VersionSummary:
    """The state of an agent's versions.

    ``shown_id`` is the version whose manifest is the listing, None if all are withheld. ``count``
    includes all versions; ``days_between`` is the median interval between them.
    """

    latest_id: UUID | None
    shown_id: UUID | None
    offers_beta: bool
    latest_channel: str = ""
    count: int = 0
    days_between: int | None = None


def version_summary(agent_id: UUID) -> VersionSummary | None:
    """The summary of an agent's versions, or None without versions."""
    return version_summaries([agent_id]).get(agent_id)


def version_summaries(agent_ids: Iterable[UUID]) -> dict[UUID, VersionSummary]:
    """The summaries of several agents, in one query."""
    columns = ("id", "agent_id", "version", "channel", "uploaded_at", "yanked_at", "is_withheld")
    versions = Version.objects.filter(agent__in=agent_ids).marked_withheld()
    by_agent: dict[UUID, list[dict[str, Any]]] = {}
    for row in versions.values(*columns):
        by_agent.setdefault(row["agent_id"], []).append(row)
    return {agent_id: _summarise(rows) for agent_id, rows in by_agent.items()}


def _summarise(rows: list[dict[str, Any]]) -> VersionSummary:
    # By precedence and not by time, because an imported catalogue has times of its own.
    rows.sort(key=lambda row: precedence(row["version"]), reverse=True)
    readable = [row for row in rows if not row["is_withheld"]]
    available = [row for row in readable if row["yanked_at"] is None]
    latest = next((row for row in available if row["channel"] != Channel.BETA), None)
    betas = [row for row in available if row["channel"] == Channel.BETA]
    offers_beta = bool(betas) and (
        latest is None or is_newer(betas[0]["version"], latest["version"])
    )
    # An agent without a stable version needs a name and a description, too.
    source = latest or next(iter(available or readable), None)
    times = sorted((row["uploaded_at"] for row in rows), reverse=True)
    return VersionSummary(
        latest_id=latest["id"] if latest else None,
        shown_id=source["id"] if source else None,
        offers_beta=offers_beta,
        latest_channel=latest["channel"] if latest else "",
        count=len(rows),
        days_between=days_between(times),
    )


# Column of the listing → key of the manifest.
LISTING = {
    "display_name": "name",
    "tagline": "tagline",
    "description": "description",
    "category_id": "category",
    "license": "license",
}


INVISIBLE = "-"
"""In place of a text without a visible character."""


def listing_of(manifest: dict[str, Any]) -> dict[str, Any]:
    """The columns of the listing that the manifest has; imported ones may lack some."""
    columns = {column: manifest[key] for column, key in LISTING.items() if manifest.get(key)}
    if "license" in columns:
        # The filter by licence compares spellings.
        columns["license"] = normalise_licence(str(columns["license"]))
    for column in ("display_name", "tagline"):
        text = str(columns.get(column, ""))
        # Only imported manifests, which were never checked, have invisible characters.
        if text and not is_readable_name(text):
            columns[column] = readable_name(text) or INVISIBLE
    return columns | {key: manifest.get(key) for key in ("homepage", "repository")}


def blank_listing(agent: Agent) -> dict[str, Any]:
    """The listing if every version is withheld: their texts may be the reason."""
    blank = {"display_name": agent.name, "tagline": "", "description": ""}
    return blank | {"homepage": None, "repository": None}


Columns = dict[str, Any]


def expected_columns(agent: Agent) -> tuple[Columns, list[str]]:
    """The correct derived columns and tags, from the versions alone."""
    return expected_columns_of([agent])[agent.pk]


def expected_columns_of(agents: Sequence[Agent]) -> dict[UUID, tuple[Columns, list[str]]]:
    """The correct derived columns and tags of each agent, in five queries."""
    summaries = version_summaries([agent.pk for agent in agents])
    shown_versions = _shown_versions(summaries)
    facts = row_facts_of(shown_versions)
    prices = price_columns(agents, _shown_numbers(summaries, shown_versions))
    return {
        agent.pk: _derive_columns(
            agent, summaries[agent.pk], shown_versions, facts, prices[agent.pk]
        )
        if agent.pk in summaries
        else ({}, [])
        for agent in agents
    }


def _derive_columns(
    agent: Agent,
    summary: VersionSummary,
    shown_versions: "Mapping[UUID, ShownVersion]",
    facts: Mapping[UUID, Columns],
    price: Columns,
) -> tuple[Columns, list[str]]:
    manifest = shown_versions[summary.shown_id].manifest if summary.shown_id else {}
    columns = listing_of(manifest) if summary.shown_id else blank_listing(agent)
    tags = sorted(set(manifest.get("tags", ())))
    name = columns.get("display_name", agent.display_name)
    derived_values = version_columns(agent, summary) | {"folded_name": folded_name_of(name)}
    row_values = row_columns(facts, summary) | price
    return columns | derived_values | row_values | filter_columns(manifest), tags


LONGEST_PROVIDER = 64
MAX_FOLDED_NAME_LENGTH = 512


def version_columns(agent: Agent, summary: VersionSummary) -> dict[str, Any]:
    """Columns about the latest version and visibility."""
    return {
        "latest_version_id": summary.latest_id,
        "latest_channel": summary.latest_channel,
        "offers_beta": summary.offers_beta,
        "is_listed": summary.latest_id is not None and agent.delisted_at is None,
    }


def folded_name_of(display_name: str) -> str:
    # Folding can make one character up to eighteen.
    return fold(display_name)[:MAX_FOLDED_NAME_LENGTH]


def filter_columns(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Columns for search filters that are not part of the listing.

    The model provider is the part before the slash; a model without a slash has none.
    """
    facts = read_declared_facts(manifest)
    provider, slash, _ = facts.model.name.partition("/")
    return {
        "model_provider": provider.strip().lower()[:LONGEST_PROVIDER] if slash else "",
        # An agent whose keys are all optional works without any.
        "requires_secrets": any(secret.required for secret in facts.secrets),
    }


ROW_COLUMNS = ("row_facts", "version_count", "days_between_versions", *PRICE_COLUMNS)


def update_row_columns(agents: Sequence[Agent]) -> None:
    """Store the columns of list rows, in four queries and one statement."""
    summaries = version_summaries([agent.pk for agent in agents])
    shown_versions = _shown_versions(summaries)
    facts = row_facts_of(shown_versions)
    prices = price_columns(agents, _shown_numbers(summaries, shown_versions))
    rows = []
    for agent in agents:
        if agent.pk in summaries:
            columns = row_columns(facts, summaries[agent.pk]) | prices[agent.pk]
            rows.append((agent.pk, *(columns[name] for name in ROW_COLUMNS)))
            for column, value in columns.items():
                setattr(agent, column, value)
    BulkUpdate(Agent, ROW_COLUMNS).update(rows)


def row_columns(facts: Mapping[UUID, dict[str, Any]], summary: VersionSummary) -> dict[str, Any]:
    return {
        "row_facts": facts[summary.shown_id] if summary.shown_id else {},
        "version_count": summary.count,
        "days_between_versions": summary.days_between,
    }


class ShownVersion(NamedTuple):
    """The part of a version that a listing shows."""

    number: str
    channel: str
    manifest: Columns


def _shown_versions(summaries: Mapping[UUID, VersionSummary]) -> dict[UUID, ShownVersion]:
    shown_ids = [summary.shown_id for summary in summaries.values() if summary.shown_id]
    versions = Version.objects.filter(pk__in=shown_ids)
    columns = ("version", "channel", "manifest")
    return {pk: ShownVersion(*row) for pk, *row in versions.values_list("pk", *columns)}


def _shown_numbers(
    summaries: Mapping[UUID, VersionSummary], shown_versions: Mapping[UUID, ShownVersion]
) -> dict[UUID, str]:
    """The number of the shown version by agent."""
    return {
        agent_id: shown_versions[summary.shown_id].number
        for agent_id, summary in summaries.items()
        if summary.shown_id
    }


def row_facts_of(versions: Mapping[UUID, ShownVersion]) -> dict[UUID, dict[str, Any]]:
    """The part of a list row about each version, in two queries.

    It has number, channel, images (see `images_of`) and the fact counts of the label, which are
    those of the manifest where the package was never read.
    """
    images, facts = images_of(versions.keys()), find_facts(versions.keys())
    return {
        pk: {"version": version.number, "channel": version.channel, "icon": None}
        | images.get(pk, {})
        | asdict(summarise(facts[pk]) if pk in facts else summarise_manifest(version.manifest))
        for pk, version in versions.items()
    }


def images_of(version_ids: Collection[UUID]) -> dict[UUID, dict[str, Any]]:
    """The images in a list row about each version, in one query.

    ``icon`` is the id of the icon, ``small_icon`` and ``thumbnail`` are the digests of small copies
    of icon and first screenshot, or blank. `icon_address` needs ``is_short_svg``.
    """
    assets = VersionAsset.objects.filter(version__in=version_ids).order_by("-ordering", "-id")
    columns = ("version", "kind", "pk", "content_type", "size_bytes", "small_sha256")
    images: dict[UUID, dict[str, Any]] = {}
    # The first one comes last, and replaces the others.
    for version_id, kind, pk, content_type, size, small in assets.values_list(*columns):
        row = images.setdefault(version_id, {})
        if kind == VersionAsset.Kind.ICON:
            row |= {"icon": str(pk), "small_icon": small or ""}
            row["is_short_svg"] = is_short_svg(content_type, size)
        elif kind == VersionAsset.Kind.SCREENSHOT:
            row["thumbnail"] = small or ""
    return images


def refresh_listing(agent: Agent, *, at: datetime, is_publish: bool = False) -> bool:
    """Update the derived columns of an agent, whose row lock the caller holds.

    ``updated_at`` becomes ``at`` on a publish or if the listing changed. Returns whether a column
    changed.
    """
    columns, tags = expected_columns(agent)
    is_new, mention = not agent.version_count, _mention_of(agent)
    changed_columns = {key: value for key, value in columns.items() if getattr(agent, key) != value}
    has_new_tags = _replace_tags(agent, tags)
    if changed_columns or has_new_tags or is_publish:
        changed_columns["updated_at"] = at
        Agent.objects.filter(pk=agent.pk).update(**changed_columns)
        for key, value in changed_columns.items():
            setattr(agent, key, value)
        # It shows the former listing. A job stores it again.
        StoredRow.objects.filter(agent=agent).delete()
    # The list of versions has changed even if the listing has not.
    bump_listing(agent.pk, is_mention_changed=not is_new and _mention_of(agent) != mention)
    index_agents([agent.pk])
    return bool(changed_columns)


def _mention_of(agent: Agent) -> tuple[object, ...]:
    """Returns the values that short lists on other pages show of an agent."""
    icon = icon_address(agent.scope, agent.name, agent.row_facts)
    return agent.is_listed, agent.display_name, agent.tagline, icon


def _replace_tags(agent: Agent, tags: list[str]) -> bool:
    present = sorted(AgentTag.objects.filter(agent=agent).values_list("tag", flat=True))
    # Few publishes change the tags, and the others write no row.
    if present == tags:
        return False
    AgentTag.objects.filter(agent=agent).delete()
    AgentTag.objects.bulk_create([AgentTag(agent=agent, tag=tag) for tag in tags])
    return True
