"""One synthetic agent: what it is called and says, how it stands, and what people say of it."""

from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from clawstore.transfer.columns import columns_of, exact_time
from devtools.synthetic.dice import TODAY, Ids, moment_between
from devtools.synthetic.people import Crowd, Someone
from devtools.synthetic.versions import Release
from devtools.synthetic.words import (
    BODIES,
    KINDS,
    LICENSES,
    MODELS,
    ROLES,
    SENTENCES,
    SHELVES,
    TAGLINES,
    TAGS,
    TITLES,
)
from foundation.export import Row
from registry.agents.listing import narrowing_columns, searched_columns
from registry.export import AGENTS
from registry.models import Agent, Channel

CATEGORIES = list(SHELVES)
FULLNESS = [share for share, _ in SHELVES.values()]
MOST_REVIEWS = 60
STARS = (5, 4, 3, 2, 1)
HOW_OFTEN = (46, 30, 13, 6, 5)


@dataclass(frozen=True, slots=True)
class Idea:
    """What an agent is, before it has versions."""

    id: str
    owner: Someone
    name: str
    display_name: str
    tagline: str
    description: str
    category: str
    tags: list[str]
    license: str
    model: str


def have_an_idea(dice: Random, ids: Ids, crowd: Crowd, taken: set[tuple[str, str]]) -> Idea:
    # Squared, so that the first publishers have many agents and the last ones few.
    owner = crowd.publishers[int(len(crowd.publishers) * dice.random() ** 2)]
    category = dice.choices(CATEGORIES, FULLNESS)[0]
    topic = dice.choice(SHELVES[category][1])
    display_name = _name(dice, topic, owner, taken)
    return Idea(
        id=ids.next(),
        owner=owner,
        name=display_name.lower().replace(" ", "-"),
        display_name=display_name,
        tagline=dice.choice(TAGLINES).format(topic=topic),
        description=_description(dice, display_name, topic),
        category=category,
        tags=sorted(dice.sample(TAGS, dice.randrange(5))),
        license=dice.choice(LICENSES),
        model=dice.choice(MODELS),
    )


def _name(dice: Random, topic: str, owner: Someone, taken: set[tuple[str, str]]) -> str:
    """``Ledger Scout``; with a third word or a number where the owner has that already."""
    name = f"{topic.title()} {dice.choice(ROLES)}"
    if dice.random() < 0.2 or (owner.id, name) in taken:
        name = f"{dice.choice(KINDS)} {name}"
    plain, number = name, 1
    while (owner.id, name) in taken:
        number += 1
        name = f"{plain} {number}"
    taken.add((owner.id, name))
    return name


def _description(dice: Random, name: str, topic: str) -> str:
    said = dice.sample(SENTENCES, dice.randrange(4, len(SENTENCES)))
    points = "\n".join(f"- {line}" for line in said[3:])
    begin = f"**{name}** looks after your {topic}. {' '.join(said[:3])}"
    return f"{begin}\n\n## What it does\n\n{points}\n".format(topic=topic)


def manifest_of(idea: Idea, number: str) -> dict[str, Any]:
    """A manifest that passes the rules. Its keys are sorted, as an export writes them."""
    return {
        "agent": {"defaults": {"model": idea.model}},
        "author": {"name": idea.owner.name},
        "category": idea.category,
        "description": idea.description,
        "files": ["**/*.md"],
        "id": f"@{idea.owner.login}/{idea.name}",
        "license": idea.license,
        "name": idea.display_name,
        "openclaw": {"entrypoints": {"AGENTS.md": "AGENTS.md", "SOUL.md": "SOUL.md"}},
        "schemaVersion": 1,
        "tagline": idea.tagline,
        "tags": idea.tags,
        "version": number,
    }


def agent_row(idea: Idea, released: list[Release], stars: list[int]) -> Row:
    """The line of the agent: what a recount of its versions and reviews would give."""
    latest = next((release for release in reversed(released) if release.is_stable), None)
    newer = released[released.index(latest) + 1 :] if latest else released
    moved = max(max(r.uploaded_at, r.yanked_at or r.uploaded_at) for r in released)
    texts = {key: getattr(idea, key) for key in ("name", "display_name", "tagline", "description")}
    row: Row = {
        "id": idea.id,
        "scope": idea.owner.login,
        "name": idea.name,
        "owner_user_id": idea.owner.id,
        "latest_version_id": latest.id if latest else None,
        "category": idea.category,
        "description": idea.description,
        "tagline": idea.tagline,
        "display_name": idea.display_name,
        "homepage": None,
        "repository": None,
        "license": idea.license,
        "download_count": sum(release.downloads for release in released),
        "avg_rating": sum(stars) / len(stars) if stars else None,
        "review_count": len(stars),
        "created_at": exact_time(released[0].uploaded_at),
        "updated_at": exact_time(moved),
        "is_listed": latest is not None,
        "offers_beta": any(r.is_beta and r.yanked_at is None for r in newer),
        "delisted_at": None,
        "delisted_reason": None,
        "latest_channel": Channel.COMMUNITY if latest else "",
        **searched_columns(Agent(scope=idea.owner.login, **texts), idea.tags),
        **narrowing_columns(manifest_of(idea, released[-1].number)),
    }
    return {column: row[column] for column in columns_of(AGENTS) if column in row}


def downloads(dice: Random) -> int:
    """A long tail: half have some dozens, a few have a hundred thousand."""
    return min(2_000_000, int(12 * dice.paretovariate(0.9)) - 12)


def review_rows(dice: Random, ids: Ids, crowd: Crowd, idea: Idea, since: datetime) -> list[Row]:
    """Most agents have none, most others a few."""
    if dice.random() < 0.6:
        return []
    count = min(MOST_REVIEWS, len(crowd.reviewers), int(dice.paretovariate(1.1)))
    reviewers = dice.sample(crowd.reviewers, count)
    return [_review_row(dice, ids, idea, reviewer, since) for reviewer in reviewers]


def _review_row(dice: Random, ids: Ids, idea: Idea, reviewer: Someone, since: datetime) -> Row:
    at = exact_time(moment_between(dice, since, TODAY))
    return {
        "id": ids.next(),
        "agent_id": idea.id,
        "reviewer_user_id": reviewer.id,
        "rating": dice.choices(STARS, HOW_OFTEN)[0],
        "title": dice.choice(TITLES),
        "body": dice.choice(BODIES),
        "created_at": at,
        "updated_at": at,
        "reply": None,
        "replied_at": None,
        "reply_edited_at": None,
    }
