"""The listing of an agent: what follows from its versions and is kept on its row for reading."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from registry.models import Agent, AgentTag, Channel, Version
from registry.rules import fold, is_newer, precedence, search_text_of


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an agent's versions stand. ``shown`` is the version whose manifest is the listing; none
    where every version is withheld."""

    latest_id: UUID | None
    shown_id: UUID | None
    offers_beta: bool


def standing_of(agent_id: UUID) -> Standing | None:
    """Computed from the version rows; None before the first one."""
    columns = ("id", "version", "channel", "yanked_at", "is_withheld")
    rows = list(Version.objects.of(agent_id).marked_withheld().values(*columns))
    rows.sort(key=lambda row: precedence(row["version"]), reverse=True)
    if not rows:
        return None
    readable = [row for row in rows if not row["is_withheld"]]
    alive = [row for row in readable if row["yanked_at"] is None]
    latest = next((row for row in alive if row["channel"] != Channel.BETA), None)
    betas = [row for row in alive if row["channel"] == Channel.BETA]
    offers_beta = bool(betas) and (
        latest is None or is_newer(betas[0]["version"], latest["version"])
    )
    shown = latest or next(iter(alive or readable), None)
    return Standing(latest and latest["id"], shown and shown["id"], offers_beta)


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
    said = listing_of(manifest) if standing.shown_id else blank_listing(agent)
    columns = said | {
        "latest_version_id": standing.latest_id,
        "offers_beta": standing.offers_beta,
        "is_listed": standing.latest_id is not None and agent.delisted_at is None,
    }
    texts = {key: columns.get(key, getattr(agent, key)) for key in ("display_name", "tagline")}
    shown = Agent(scope=agent.scope, name=agent.name, **texts)
    columns["search_text"] = search_text_of(shown)
    columns["folded_name"] = fold(shown.display_name)
    return columns, sorted(set(manifest.get("tags", ())))


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
    return bool(changed)


def _replace_tags(agent: Agent, tags: list[str]) -> bool:
    present = sorted(AgentTag.objects.filter(agent=agent).values_list("tag", flat=True))
    if present == tags:
        return False
    AgentTag.objects.filter(agent=agent).delete()
    AgentTag.objects.bulk_create([AgentTag(agent=agent, tag=tag) for tag in tags])
    return True
