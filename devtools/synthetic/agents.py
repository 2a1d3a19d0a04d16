"""Synthetic agents: their texts, their manifest, their numbers and their reviews."""

from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from clawstore.transfer.columns import columns_of, exact_time
from devtools.synthetic.people import People, SyntheticPerson
from devtools.synthetic.random_values import TODAY, AscendingIds, random_time_between
from devtools.synthetic.versions import SyntheticVersion
from devtools.synthetic.words import (
    ADJECTIVES,
    BODIES,
    CATEGORIES,
    LICENSES,
    MODELS,
    ROLES,
    SENTENCES,
    TAGLINES,
    TAGS,
    TITLES,
)
from foundation.export import Row
from registry.agents.listing import filter_columns, folded_name_of
from registry.export import AGENTS
from registry.models import Channel

CATEGORY_IDS = list(CATEGORIES)
CATEGORY_WEIGHTS = [weight for weight, _ in CATEGORIES.values()]
MAX_REVIEWS = 60
MAX_DOWNLOADS = 2_000_000
STARS = (5, 4, 3, 2, 1)
STAR_WEIGHTS = (46, 30, 13, 6, 5)


@dataclass(frozen=True, slots=True)
class SyntheticAgent:
    """Everything about an agent that does not depend on its versions."""

    id: str
    owner: SyntheticPerson
    name: str
    display_name: str
    tagline: str
    description: str
    category: str
    tags: list[str]
    license: str
    model: str


def make_synthetic_agent(
    rng: Random, ids: AscendingIds, people: People, names: set[tuple[str, str]]
) -> SyntheticAgent:
    """A new agent. Its owner's id and its display name are added to ``names``."""
    # The square gives the first publishers many agents and the last ones few.
    owner = people.publishers[int(len(people.publishers) * rng.random() ** 2)]
    category = rng.choices(CATEGORY_IDS, CATEGORY_WEIGHTS)[0]
    topic = rng.choice(CATEGORIES[category][1])
    display_name = _make_name(rng, topic, owner, names)
    return SyntheticAgent(
        id=ids.next(),
        owner=owner,
        name=display_name.lower().replace(" ", "-"),
        display_name=display_name,
        tagline=rng.choice(TAGLINES).format(topic=topic),
        description=_make_description(rng, display_name, topic),
        category=category,
        tags=sorted(rng.sample(TAGS, rng.randrange(5))),
        license=rng.choice(LICENSES),
        model=rng.choice(MODELS),
    )


def _make_name(rng: Random, topic: str, owner: SyntheticPerson, names: set[tuple[str, str]]) -> str:
    """For example ``Ledger Scout``; with an adjective or a number if not unique."""
    name = f"{topic.title()} {rng.choice(ROLES)}"
    if rng.random() < 0.2 or (owner.id, name) in names:
        name = f"{rng.choice(ADJECTIVES)} {name}"
    base, number = name, 1
    while (owner.id, name) in names:
        number += 1
        name = f"{base} {number}"
    names.add((owner.id, name))
    return name


def _make_description(rng: Random, name: str, topic: str) -> str:
    sentences = rng.sample(SENTENCES, rng.randrange(4, len(SENTENCES)))
    points = "\n".join(f"- {sentence}" for sentence in sentences[3:])
    opening = f"**{name}** looks after your {topic}. {' '.join(sentences[:3])}"
    return f"{opening}\n\n## What it does\n\n{points}\n".format(topic=topic)


def make_manifest(agent: SyntheticAgent, number: str) -> dict[str, Any]:
    """A valid manifest. Its keys are sorted, because an export sorts them."""
    return {
        "agent": {"defaults": {"model": agent.model}},
        "author": {"name": agent.owner.name},
        "category": agent.category,
        "description": agent.description,
        "files": ["**/*.md"],
        "id": f"@{agent.owner.login}/{agent.name}",
        "license": agent.license,
        "name": agent.display_name,
        "openclaw": {"entrypoints": {"AGENTS.md": "AGENTS.md", "SOUL.md": "SOUL.md"}},
        "schemaVersion": 1,
        "tagline": agent.tagline,
        "tags": agent.tags,
        "version": number,
    }


def agent_row(agent: SyntheticAgent, versions: list[SyntheticVersion], ratings: list[int]) -> Row:
    """The row of an export, with the values that `recount` would compute."""
    latest = next((version for version in reversed(versions) if version.is_stable), None)
    newer = versions[versions.index(latest) + 1 :] if latest else versions
    updated_at = max(max(v.uploaded_at, v.yanked_at or v.uploaded_at) for v in versions)
    row: Row = {
        "id": agent.id,
        "scope": agent.owner.login,
        "name": agent.name,
        "owner_user_id": agent.owner.id,
        "latest_version_id": latest.id if latest else None,
        "category": agent.category,
        "description": agent.description,
        "tagline": agent.tagline,
        "display_name": agent.display_name,
        "homepage": None,
        "repository": None,
        "license": agent.license,
        "download_count": sum(version.downloads for version in versions),
        "avg_rating": sum(ratings) / len(ratings) if ratings else None,
        "review_count": len(ratings),
        "created_at": exact_time(versions[0].uploaded_at),
        "updated_at": exact_time(updated_at),
        "is_listed": latest is not None,
        "offers_beta": any(v.is_beta and v.yanked_at is None for v in newer),
        "delisted_at": None,
        "delisted_reason": None,
        "deprecated_at": None,
        "deprecation_reason": "",
        "successor": "",
        "deprecated_versions": {},
        "archived_at": None,
        "former_scope": "",
        "moved_at": None,
        "latest_channel": Channel.COMMUNITY if latest else "",
        "folded_name": folded_name_of(agent.display_name),
        **filter_columns(make_manifest(agent, versions[-1].number)),
    }
    return {column: row[column] for column in columns_of(AGENTS) if column in row}


def random_downloads(rng: Random) -> int:
    """Pareto distributed: often some dozens, seldom a hundred thousand."""
    return min(MAX_DOWNLOADS, int(12 * rng.paretovariate(0.9)) - 12)


def review_rows(
    rng: Random, ids: AscendingIds, people: People, agent: SyntheticAgent, since: datetime
) -> list[Row]:
    """Reviews of an agent: most agents have none, most of the others a few."""
    if rng.random() < 0.6:
        return []
    count = min(MAX_REVIEWS, len(people.reviewers), int(rng.paretovariate(1.1)))
    rows: list[Row] = []
    for reviewer in rng.sample(people.reviewers, count):
        created_at = exact_time(random_time_between(rng, since, TODAY))
        rows.append(
            {
                "id": ids.next(),
                "agent_id": agent.id,
                "reviewer_user_id": reviewer.id,
                "rating": rng.choices(STARS, STAR_WEIGHTS)[0],
                "title": rng.choice(TITLES),
                "body": rng.choice(BODIES),
                "created_at": created_at,
                "updated_at": created_at,
                "reply": None,
                "replied_at": None,
                "reply_edited_at": None,
            }
        )
    return rows
