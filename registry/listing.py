"""The listing of an agent: what follows from its versions and is kept on its row for reading."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from registry.facts import facts_of
from registry.folding import folded_name_of, more_words_of, search_text_of
from registry.models import Agent, AgentTag, Channel, Version
from registry.rules import is_newer, precedence


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an agent's versions stand. ``shown`` is the version whose manifest is the listing; none
    where every version is withheld."""

    latest_id: UUID | None
    shown_id: UUID | None
    offers_beta: bool
    latest_channel: str = ""


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
    ids = (latest and latest["id"], shown and shown["id"])
    return Standing(*ids, offers_beta, latest["channel"] if latest else "")


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
    columns = listing_of(manifest) if standing.shown_id else blank_listing(agent)
    tags = sorted(set(manifest.get("tags", ())))
    texts = {key: columns.get(key, getattr(agent, key)) for key in SEARCHED}
    shown = Agent(scope=agent.scope, name=agent.name, **texts)
    derived = standing_columns(agent, standing) | searched_columns(shown, tags)
    return columns | derived | narrowing_columns(manifest), tags


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
    facts = facts_of(manifest)
    provider, slash, _ = facts.model.partition("/")
    return {
        "model_provider": provider.strip().lower()[:LONGEST_PROVIDER] if slash else "",
        "asks_for_secrets": bool(facts.secrets),
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
    return bool(changed)


def _replace_tags(agent: Agent, tags: list[str]) -> bool:
    present = sorted(AgentTag.objects.filter(agent=agent).values_list("tag", flat=True))
    if present == tags:
        return False
    AgentTag.objects.filter(agent=agent).delete()
    AgentTag.objects.bulk_create([AgentTag(agent=agent, tag=tag) for tag in tags])
    return True
