"""Fills an empty database with many synthetic agents at once.

They are for measurements of lists and search. An import reads, checks and renders each row, which
takes an hour for a quarter of a million agents. Here all words of all agents are drawn at once, and
their index is computed from arrays. The agents have texts, tags, one version, vectors, and no
packages. What a publish needs of an agent is absent, so nothing but reading can be measured.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from devtools.synthetic.agents import random_downloads
from devtools.synthetic.bulk_index import save_index, save_vectors
from devtools.synthetic.people import make_people
from devtools.synthetic.prose import FIRST_SUBJECT, english_vocabulary
from devtools.synthetic.random_values import TODAY
from devtools.synthetic.words import CATEGORIES, LICENSES, ROLES, TAGLINES, TAGS
from foundation.accounts.models import User
from foundation.bulk_writes import BulkInsert
from foundation.caching.actions import bump_revision
from foundation.caching.models import SITE
from foundation.text.terms import words_in
from profiles.models import Profile, Scope
from registry.agents.revisions import RANKING
from registry.models import Agent, AgentTag, Channel, Version
from registry.search_index.actions import CATALOGUE

Array = NDArray[Any]

PROVIDERS = ("openai", "openai", "anthropic", "anthropic", "google", "ollama", "")
AGENTS_OF_A_PUBLISHER = 25
SUBJECTS = 8
NAMED_SHARE, SUBJECT_SHARE = 0.7, 0.35
PROSE_WORDS = 60
MAX_AGE = timedelta(days=900)
ROWS_AT_ONCE = 20_000


@dataclass(frozen=True, slots=True)
class BulkTexts:
    """The words of all agents, as places in ``words``; -1 is no word."""

    words: list[str]
    names: Array
    taglines: Array
    tags: Array
    categories: Array
    prose: Array

    def text(self, rows: Array, place: int) -> list[str]:
        return [self.words[word] for word in rows[place].tolist() if word >= 0]


@transaction.atomic
def fill_database(agents: int, *, seed: int = 1) -> None:
    """Add ``agents`` agents to a database that has none."""
    rng = Random(seed)
    texts = draw_texts(agents, seed)
    rows = list(_make_rows(rng, texts))
    _insert(Agent, rows)
    versions = [_version_of(row) for row in rows]
    _insert(Version, versions)
    tags = [
        {"agent_id": row["id"], "tag": tag}
        for place, row in enumerate(rows)
        for tag in texts.text(texts.tags, place)
    ]
    _insert(AgentTag, tags)
    save_index(texts, rows)
    save_vectors(texts, rows)
    for name in (SITE, CATALOGUE, RANKING):
        bump_revision(name)


def draw_texts(agents: int, seed: int) -> BulkTexts:
    """Words for all agents: topics and roles in names, and prose in texts."""
    dice, vocabulary = np.random.default_rng(seed), english_vocabulary()
    # Words that the agents share with others, after those of the language.
    places = {word: place for place, word in enumerate(vocabulary.words)}
    templates = [_template_words(tagline) for tagline in TAGLINES]
    for word in (
        *(word for _, topics in CATEGORIES.values() for word in topics),
        *(role.lower() for role in ROLES),
        *(word for template in templates for word in template),
        *(word for category in CATEGORIES for word in words_in(category)),
        *TAGS,
    ):
        places.setdefault(word, len(places))

    def draw(words: list[str], *shape: int) -> Array:
        return np.array([places[word] for word in words])[dice.integers(len(words), size=shape)]

    category_of_topic = [
        (category, topic) for category, (_, topics) in CATEGORIES.items() for topic in topics
    ]
    weights = [
        CATEGORIES[category][0] / len(CATEGORIES[category][1]) for category, _ in category_of_topic
    ]
    selection = dice.choice(len(weights), agents, p=np.array(weights) / sum(weights))
    topics = np.array([places[topic] for _, topic in category_of_topic])[selection]
    numbers = {category: number for number, category in enumerate(CATEGORIES)}
    categories = np.array([numbers[category] for category, _ in category_of_topic])[selection]
    subjects = FIRST_SUBJECT + _draw_by_sums(dice, vocabulary.subject_sums, agents, SUBJECTS)
    brand = np.where(dice.random(agents) < NAMED_SHARE, subjects[:, 0], -1)
    names = np.column_stack([brand, topics, draw([role.lower() for role in ROLES], agents)])
    length = max(map(len, templates))
    by_template = np.array([[places[w] for w in t] + [-1] * (length - len(t)) for t in templates])
    sentence = by_template[dice.integers(len(templates), size=agents)]
    taglines = np.column_stack([topics, sentence, subjects[:, :2]])
    common_tags = np.where(dice.random((agents, 4)) < 0.5, draw(TAGS, agents, 4), -1)
    tags = np.sort(np.column_stack([common_tags, subjects[:, 2:3]]), axis=1)
    tags[:, 1:][tags[:, 1:] == tags[:, :-1]] = -1
    prose = _draw_by_sums(dice, vocabulary.sums, agents, PROSE_WORDS)
    own = dice.integers(SUBJECTS, size=prose.shape)
    is_own = dice.random(prose.shape) < SUBJECT_SHARE
    prose = np.where(is_own, np.take_along_axis(subjects, own, axis=1), prose)
    # Texts differ in length.
    prose[np.arange(PROSE_WORDS) >= dice.integers(20, PROSE_WORDS + 1, size=agents)[:, None]] = -1
    return BulkTexts(list(places), names, taglines, tags, categories, prose)


def _template_words(tagline: str) -> list[str]:
    return words_in(tagline.replace("{topic}", " "))


def _draw_by_sums(dice: Any, sums: Any, *shape: int) -> Array:
    """Places by their frequencies, of which ``sums`` are the sums."""
    limits = np.asarray(sums, np.float64)
    return np.searchsorted(limits, dice.random(shape) * limits[-1], side="right")


def _make_rows(rng: Random, texts: BulkTexts) -> Iterator[dict[str, Any]]:
    count = len(texts.names)
    publishers = _insert_people(rng, count)
    categories, slugs = list(CATEGORIES), set[tuple[str, str]]()
    for place in range(count):
        owner_id, login = publishers[place // AGENTS_OF_A_PUBLISHER]
        name = " ".join(texts.text(texts.names, place))
        if (login, name) in slugs:
            name = f"{name} {place}"
        slugs.add((login, name))
        created_at = TODAY - MAX_AGE * rng.random()
        updated_at = created_at + (TODAY - created_at) * rng.random()
        downloads = random_downloads(rng)
        reviews = int(rng.paretovariate(1.1)) if rng.random() < 0.4 else 0
        yield {
            "id": UUID(int=rng.getrandbits(128), version=4),
            "scope": login,
            "name": name.replace(" ", "-"),
            "owner_user_id": owner_id,
            "latest_version_id": UUID(int=rng.getrandbits(128), version=4),
            "category_id": categories[texts.categories[place]],
            "display_name": name.title(),
            "folded_name": name,
            "tagline": " ".join(texts.text(texts.taglines, place)).capitalize()[:140],
            "description": " ".join(texts.text(texts.prose, place)).capitalize(),
            "license": rng.choice(LICENSES),
            "download_count": downloads,
            "downloads_30d": downloads // 10,
            "avg_rating": 2 + 3 * rng.random() if reviews else None,
            "review_count": reviews,
            "created_at": created_at,
            "updated_at": updated_at,
            "is_listed": True,
            "latest_channel": Channel.COMMUNITY,
            "model_provider": rng.choice(PROVIDERS),
            "requires_secrets": rng.random() < 0.3,
            "version_count": 1,
            "row_facts": ROW_FACTS,
        }


ROW_FACTS = {
    "version": "1.0.0",
    "channel": "community",
    "icon": None,
    "model": "balanced",
    **dict.fromkeys(("files", "yours", "secrets", "plugins", "skills"), 1),
    "is_recognised": True,
}


def _insert_people(rng: Random, agents: int) -> list[tuple[UUID, str]]:
    """Id and login of as many publishers as the agents need."""
    count = agents // AGENTS_OF_A_PUBLISHER + 1
    people = make_people(rng, 4 * count).publishers[:count]
    ids = [UUID(person.id) for person in people]
    pairs = list(zip(ids, people, strict=True))
    _insert(
        User,
        [{"id": pk, "username": p.login, "name": p.name, "created_at": p.since} for pk, p in pairs],
    )
    _insert(
        Profile,
        [{"user_id": pk, "github_login": p.login, "created_at": p.since} for pk, p in pairs],
    )
    _insert(
        Scope,
        [
            {
                "name": p.login,
                "github_id": p.github_id,
                "subject": None,
                "holder_id": pk,
                "created_at": p.since,
            }
            for pk, p in pairs
        ],
    )
    return [(pk, person.login) for pk, person in pairs]


def _version_of(agent: dict[str, Any]) -> dict[str, Any]:
    digest = agent["latest_version_id"].hex * 2
    return {
        "id": agent["latest_version_id"],
        "agent_id": agent["id"],
        "version": "1.0.0",
        "channel": Channel.COMMUNITY,
        "manifest": {"name": agent["display_name"]},
        "tarball_r2_key": f"tarballs/{digest}.tgz",
        "tarball_sha256": digest,
        "tarball_size_bytes": 2_000,
        "uploaded_by_user_id": agent["owner_user_id"],
        "uploaded_at": agent["updated_at"],
    }


def _insert(model: Any, rows: list[dict[str, Any]]) -> None:
    columns = list(rows[0])
    insert = BulkInsert(model, columns)
    for start in range(0, len(rows), ROWS_AT_ONCE):
        insert.insert([list(row.values()) for row in rows[start : start + ROWS_AT_ONCE]])
