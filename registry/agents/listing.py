"""The listing of an agent: what follows from its versions and is kept on its row for reading."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from registry.agents.revisions import bump_listing
from registry.agents.search_text import folded_name_of, more_words_of, search_text_of
from registry.analysis.summary import summarise_manifest
from registry.models import Agent, AgentTag, Channel, Version, VersionAsset
from registry.rules.periods import days_between
from registry.rules.semver import is_newer, precedence


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an agent's versions stand. ``shown`` is the version whose manifest is the listing; none
    where every version is withheld. ``count`` is of all of them, which usually come
    ``days_between`` apart."""

    latest_id: UUID | None
    shown_id: UUID | None
    offers_beta: bool
    latest_channel: str = ""
    count: int = 0
    days_between: int | None = None


def standing_of(agent_id: UUID) -> Standing | None:
    """Computed from the version rows; None before the first one."""
    return standings_of([agent_id]).get(agent_id)


def standings_of(agent_ids: Iterable[UUID]) -> dict[UUID, Standing]:
    """Those of several agents, in one query."""
    columns = ("id", "agent_id", "version", "channel", "uploaded_at", "yanked_at", "is_withheld")
    versions = Version.objects.filter(agent__in=agent_ids).marked_withheld()
    found: dict[UUID, list[dict[str, Any]]] = {}
    for row in versions.values(*columns):
        found.setdefault(row["agent_id"], []).append(row)
    return {agent_id: _standing(rows) for agent_id, rows in found.items()}


def _standing(rows: list[dict[str, Any]]) -> Standing:
    rows.sort(key=lambda row: precedence(row["version"]), reverse=True)
    readable = [row for row in rows if not row["is_withheld"]]
    alive = [row for row in readable if row["yanked_at"] is None]
    latest = next((row for row in alive if row["channel"] != Channel.BETA), None)
    betas = [row for row in alive if row["channel"] == Channel.BETA]
    offers_beta = bool(betas) and (
        latest is None or is_newer(betas[0]["version"], latest["version"])
    )
    shown = latest or next(iter(alive or readable), None)
    times = sorted((row["uploaded_at"] for row in rows), reverse=True)
    return Standing(
        latest_id=latest["id"] if latest else None,
        shown_id=shown["id"] if shown else None,
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


def listing_of(manifest: dict[str, Any]) -> dict[str, Any]:
    """The columns of the listing. A manifest that came in by import may lack some: those columns
    are then not among them."""
    columns = {column: manifest[key] for column, key in LISTING.items() if manifest.get(key)}
    return columns | {key: manifest.get(key) for key in ("homepage", "repository")}


def blank_listing(agent: Agent) -> dict[str, Any]:
    """The columns of a listing that no version may speak for: the words of a withheld one may be
    what it is withheld for."""
    blank = {"display_name": agent.name, "tagline": "", "description": ""}
    return blank | {"homepage": None, "repository": None}


def expected_columns(agent: Agent) -> tuple[dict[str, Any], list[str]]:
    """What the agent's derived columns and tags should be, from its versions alone."""
    standing = standing_of(agent.pk)
    if standing is None:
        return {}, []
    manifest: dict[str, Any] = {}
    if standing.shown_id is not None:
        manifest = Version.objects.values_list("manifest", flat=True).get(pk=standing.shown_id)
    briefs = briefs_of([standing.shown_id] if standing.shown_id else [])
    columns = listing_of(manifest) if standing.shown_id else blank_listing(agent)
    tags = sorted(set(manifest.get("tags", ())))
    texts = {key: columns.get(key, getattr(agent, key)) for key in SEARCHED}
    shown = Agent(scope=agent.scope, name=agent.name, **texts)
    derived = standing_columns(agent, standing) | searched_columns(shown, tags)
    return columns | derived | row_columns(briefs, standing) | narrowing_columns(manifest), tags


SEARCHED = ("display_name", "tagline", "description")
LONGEST_PROVIDER = 64


def standing_columns(agent: Agent, standing: Standing) -> dict[str, Any]:
    """Which version speaks for the agent, and who finds it."""
    return {
        "latest_version_id": standing.latest_id,
        "latest_channel": standing.latest_channel,
        "offers_beta": standing.offers_beta,
        "is_listed": standing.latest_id is not None and agent.delisted_at is None,
    }


def searched_columns(agent: Agent, tags: Sequence[str]) -> dict[str, str]:
    """What a search reads, from the agent's own texts and its tags."""
    return {
        "search_text": search_text_of(agent, tags),
        "folded_name": folded_name_of(agent.display_name),
        "more_words": more_words_of(agent, tags),
    }


def narrowing_columns(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """What one narrows a search down by and the listing does not say. The provider of a model is
    what stands before the slash; a model without one names none."""
    brief = summarise_manifest(manifest)
    provider, slash, _ = brief.model.partition("/")
    return {
        "model_provider": provider.strip().lower()[:LONGEST_PROVIDER] if slash else "",
        "asks_for_secrets": bool(brief.secrets),
    }


ROW_COLUMNS = ("brief", "version_count", "days_between_versions")


def keep_row_columns(agents: Sequence[Agent]) -> None:
    """Store what a row in a list says of these agents, from their versions alone: three queries and
    one for each."""
    standings = standings_of([agent.pk for agent in agents])
    briefs = briefs_of([one.shown_id for one in standings.values() if one.shown_id])
    for agent in agents:
        if agent.pk in standings:
            columns = row_columns(briefs, standings[agent.pk])
            # One by one: putting many into one statement takes three times as long.
            Agent.objects.filter(pk=agent.pk).update(**columns)
            for column, value in columns.items():
                setattr(agent, column, value)


def row_columns(briefs: Mapping[UUID, dict[str, Any]], standing: Standing) -> dict[str, Any]:
    return {
        "brief": briefs[standing.shown_id] if standing.shown_id else {},
        "version_count": standing.count,
        "days_between_versions": standing.days_between,
    }


def briefs_of(version_ids: Collection[UUID]) -> dict[UUID, dict[str, Any]]:
    """Of each version what a row says of it: number, channel, the icon's id (null without one), and
    the counts of its label. Two queries."""
    pictures = VersionAsset.objects.filter(
        version__in=version_ids, kind=VersionAsset.Kind.ICON
    ).order_by("-ordering", "-id")
    icons = {version_id: str(pk) for version_id, pk in pictures.values_list("version", "pk")}
    versions = Version.objects.filter(pk__in=version_ids)
    return {
        pk: {"version": number, "channel": channel, "icon": icons.get(pk)}
        | asdict(summarise_manifest(manifest))
        for pk, number, channel, manifest in versions.values_list(
            "pk", "version", "channel", "manifest"
        )
    }


def refresh_listing(agent: Agent, *, at: datetime, published: bool = False) -> bool:
    """Bring the agent's row in line with its versions; the caller holds the row's lock.

    ``updated_at`` moves to ``at`` on a publish, and when the listing really changed. Gives
    whether anything did.
    """
    columns, tags = expected_columns(agent)
    changed = {key: value for key, value in columns.items() if getattr(agent, key) != value}
    retagged = _replace_tags(agent, tags)
    if changed or retagged or published:
        changed["updated_at"] = at
        Agent.objects.filter(pk=agent.pk).update(**changed)
        for key, value in changed.items():
            setattr(agent, key, value)
    # Even where the listing stays as it is, its versions are others than before.
    bump_listing(agent.pk)
    return bool(changed)


def _replace_tags(agent: Agent, tags: list[str]) -> bool:
    present = sorted(AgentTag.objects.filter(agent=agent).values_list("tag", flat=True))
    if present == tags:
        return False
    AgentTag.objects.filter(agent=agent).delete()
    AgentTag.objects.bulk_create([AgentTag(agent=agent, tag=tag) for tag in tags])
    return True
