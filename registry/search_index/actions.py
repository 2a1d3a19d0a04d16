"""Writes the search index, in the transaction of the change that it follows."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any
from uuid import UUID

import numpy as np
from django.db import transaction
from django.db.models import F, Q

from foundation.batches import BATCH_SIZE, in_batches
from foundation.bulk import postpone
from foundation.caching.actions import bump_revision
from foundation.text.stems import german_stem, stem
from registry.models import (
    Agent,
    AgentTag,
    FileView,
    IndexedAgent,
    SearchColumns,
    SearchPosting,
    SearchValue,
    SearchWord,
    VersionFile,
)
from registry.search_index.columns import COLUMN_BLOCK_SIZE, COLUMNS, FACETS, Flag
from registry.search_index.entries import (
    INDEX_VERSION,
    AgentTexts,
    entries_of,
    is_word,
    pack_entries,
    unpack_entries,
)
from registry.search_index.postings import BLOCK_SIZE, POSTING, Entry, merge, pack, unpack

CATALOGUE = "catalogue"
"""Revision of which agents are listed, and what is searched, filtered and counted of them."""

MAX_FILES = 40
"""Texts of a package that are searched."""

# By term and block: the changed entries by offset; None removes one.
Changes = dict[tuple[str, int], dict[int, Entry | None]]


def index_agents(agent_ids: Collection[UUID], *, repair: bool = False) -> int:
    """Make the index of these agents equal to their rows; returns the changes.

    During a bulk load that happens at its end. ``repair``: write every term again, whatever the
    index says is stored. It locks the index until the transaction ends, so lock agents before.
    """
    if not repair and postpone(index_agents, agent_ids):
        return 0
    return _write_index(agent_ids, repair=repair)


@transaction.atomic
def _write_index(agent_ids: Collection[UUID], *, repair: bool) -> int:
    _lock_index()
    agents = list(Agent.objects.filter(pk__in=agent_ids).order_by("created_at", "pk"))
    indexed = _indexed_agents(agents)
    texts = _texts_of([agent for agent in agents if is_findable(agent)])
    changes: Changes = defaultdict(dict)
    word_changes: dict[str, int] = defaultdict(int)
    changed: list[IndexedAgent] = []
    for agent in agents:
        row = indexed[agent.pk]
        before = unpack_entries(row.entries)
        after = entries_of(texts[agent.pk]) if agent.pk in texts else {}
        if before == after and row.rule_set == INDEX_VERSION and not repair:
            continue
        _note_changes(row.number, before, after, changes, word_changes, every=repair)
        row.entries, row.rule_set = pack_entries(after), INDEX_VERSION
        changed.append(row)
    _save_changes(changes)
    _save_words(word_changes)
    IndexedAgent.objects.bulk_create(
        changed,
        update_conflicts=True,
        update_fields=["entries", "rule_set"],
        unique_fields=["number"],
    )
    _save_columns({indexed[agent.pk].number: agent for agent in agents})
    return len(changed)


def _lock_index() -> None:
    """Wait for other writers: two of one block would lose a change otherwise."""
    first = SearchColumns.objects.select_for_update().filter(pk=0)
    if not first.values_list("pk").first():
        empty = np.zeros(COLUMN_BLOCK_SIZE, COLUMNS).tobytes()
        SearchColumns.objects.bulk_create(
            [SearchColumns(block=0, data=empty)], ignore_conflicts=True
        )
        first.values_list("pk").first()


def is_findable(agent: Agent) -> bool:
    """Whether a search can find an agent; others have no terms."""
    return agent.is_listed or (agent.offers_beta and agent.delisted_at is None)


def _indexed_agents(agents: Sequence[Agent]) -> dict[UUID, IndexedAgent]:
    """The row of each agent in the index; agents without a number get the next ones."""
    rows = {row.agent_id: row for row in IndexedAgent.objects.filter(agent__in=agents)}
    new = [
        IndexedAgent(agent=agent, rule_set=0, entries=b"")
        for agent in agents
        if agent.pk not in rows
    ]
    return rows | {row.agent_id: row for row in IndexedAgent.objects.bulk_create(new)}


def _texts_of(agents: Sequence[Agent]) -> dict[UUID, AgentTexts]:
    tags: dict[UUID, list[str]] = defaultdict(list)
    pairs = AgentTag.objects.filter(agent__in=agents).order_by("agent_id", "tag")
    for agent_id, tag in pairs.values_list("agent_id", "tag"):
        tags[agent_id].append(tag)
    files = _files_of([agent.latest_version_id for agent in agents if agent.latest_version_id])
    return {
        agent.pk: AgentTexts(
            agent, tags[agent.pk], files.get(agent.latest_version_id or agent.pk, ())
        )
        for agent in agents
    }


def _files_of(version_ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    """The prose in the packages of these versions: READMEs, instructions, skills."""
    rows = VersionFile.objects.filter(version__in=version_ids, path__iendswith=".md")
    rows = rows.exclude(path__iendswith="changelog.md").order_by("version", "path", "-id")
    digests: dict[UUID, dict[str, str]] = defaultdict(dict)
    for version_id, path, sha256 in rows.values_list("version_id", "path", "sha256"):
        if len(digests[version_id]) < MAX_FILES:
            digests[version_id].setdefault(path, sha256)
    all_digests = sorted({sha for paths in digests.values() for sha in paths.values()})
    texts: dict[str, str] = {}
    for batch in in_batches(all_digests):
        views = FileView.objects.filter(sha256__in=batch).order_by("id")
        texts.update(views.values_list("sha256", "text"))
    return {
        version_id: [texts[sha] for sha in dict.fromkeys(paths.values()) if sha in texts]
        for version_id, paths in digests.items()
    }


def index_next(count: int) -> int:
    """Index agents without an index of these rules, up to ``count``.

    Each call is a transaction of its own, so the shop runs meanwhile, and what was interrupted goes
    on with the next call.
    """
    outdated = Q(indexed=None) | ~Q(indexed__rule_set=INDEX_VERSION)
    agents = Agent.objects.filter(outdated).order_by("created_at", "pk")
    agent_ids = list(agents.values_list("pk", flat=True)[:count])
    if agent_ids:
        with transaction.atomic():
            index_agents(agent_ids)
            bump_revision(CATALOGUE)
    return len(agent_ids)


def forget_rules() -> None:
    """Mark the index of every agent as made by former rules."""
    IndexedAgent.objects.update(rule_set=0)


def count_wrong_terms(agent: Agent) -> int:
    """How many terms of an agent the index has wrongly; 0 if all is well."""
    texts = _texts_of([agent]) if is_findable(agent) else {}
    expected = entries_of(texts[agent.pk]) if texts else {}
    row = IndexedAgent.objects.filter(agent=agent).first()
    if row is None:
        return len(expected)
    entries = unpack_entries(row.entries)
    wrong = sum(
        entries.get(term) != expected.get(term) for term in entries.keys() | expected.keys()
    )
    return wrong + _count_wrong_postings(row.number, expected)


def _count_wrong_postings(number: int, expected: dict[str, Entry]) -> int:
    block, offset = divmod(number, BLOCK_SIZE)
    present: dict[str, Entry] = {}
    rows = SearchPosting.objects.filter(block=block, term__in=list(expected))
    for term, data in rows.values_list("term", "data"):
        postings = unpack(data)
        for posting in postings[postings["offset"] == offset]:
            present[term] = Entry(int(posting["impact"]), int(posting["fields"]))
    return sum(present.get(term) != entry for term, entry in expected.items())


# --- Postings and words ----------------------------------------------------------------------


def _note_changes(
    number: int,
    before: dict[str, Entry],
    after: dict[str, Entry],
    changes: Changes,
    word_changes: dict[str, int],
    *,
    every: bool,
) -> None:
    block, offset = divmod(number, BLOCK_SIZE)
    for term in before.keys() | after.keys():
        if every or before.get(term) != after.get(term):
            changes[term, block][offset] = after.get(term)
    for term in filter(is_word, before.keys() ^ after.keys()):
        word_changes[term] += 1 if term in after else -1


def _save_changes(changes: Changes) -> None:
    by_block: dict[int, list[str]] = defaultdict(list)
    for term, block in changes:
        by_block[block].append(term)
    for block, terms in sorted(by_block.items()):
        for batch in in_batches(sorted(terms)):
            _save_postings(block, batch, changes)


def _save_postings(block: int, terms: Sequence[str], changes: Changes) -> None:
    rows = SearchPosting.objects.filter(block=block, term__in=terms)
    present = dict(rows.values_list("term", "data"))
    saved: list[SearchPosting] = []
    emptied: list[str] = []
    for term in terms:
        change = changes[term, block]
        added = {offset: entry for offset, entry in change.items() if entry is not None}
        data = merge(present[term], change.keys(), added) if term in present else pack(added)
        if data:
            count = len(data) // POSTING.itemsize
            saved.append(SearchPosting(term=term, block=block, count=count, data=data))
        else:
            emptied.append(term)
    # An upsert: `bulk_update` takes five times as long.
    SearchPosting.objects.bulk_create(
        saved,
        update_conflicts=True,
        update_fields=["count", "data"],
        unique_fields=["term", "block"],
    )
    if emptied:
        SearchPosting.objects.filter(block=block, term__in=emptied).delete()


def _save_words(word_changes: dict[str, int]) -> None:
    """Add to the numbers of agents that have each word."""
    by_change: dict[int, list[str]] = defaultdict(list)
    for word, change in word_changes.items():
        if change:
            by_change[change].append(word)
    for change, words in sorted(by_change.items()):
        for batch in in_batches(sorted(words)):
            if change > 0:
                new = [SearchWord(word=w, agents=0, **_stems(w)) for w in batch]
                SearchWord.objects.bulk_create(new, ignore_conflicts=True)
            SearchWord.objects.filter(word__in=batch).update(agents=F("agents") + change)
            if change < 0:
                SearchWord.objects.filter(word__in=batch, agents__lte=0).delete()


def _stems(word: str) -> dict[str, str]:
    return {"stem": stem(word), "german_stem": german_stem(word)}


# --- Columns ---------------------------------------------------------------------------------


def _save_columns(agents: dict[int, Agent]) -> None:
    """Store the columns of agents by their numbers."""
    codes = _codes_of(agents.values())
    rows = {number: _columns_of(agent, codes) for number, agent in agents.items()}
    _change_columns(rows)


def _change_columns(rows: dict[int, Any]) -> None:
    by_block: dict[int, list[int]] = defaultdict(list)
    for number in rows:
        by_block[number // COLUMN_BLOCK_SIZE].append(number)
    for block, numbers in sorted(by_block.items()):
        row = SearchColumns.objects.filter(pk=block).first()
        data = np.zeros(COLUMN_BLOCK_SIZE, COLUMNS)
        if row is not None:
            data = np.frombuffer(row.data, COLUMNS).copy()
        for number in numbers:
            data[number % COLUMN_BLOCK_SIZE] = rows[number]
        revision = row.revision + 1 if row else 1
        SearchColumns.objects.update_or_create(
            block=block, defaults={"data": data.tobytes(), "revision": revision}
        )


def _columns_of(agent: Agent, codes: dict[tuple[str, str], int]) -> tuple[int, ...]:
    flags = Flag.LISTED if agent.is_listed else Flag(0)
    if agent.offers_beta and agent.delisted_at is None:
        flags |= Flag.OFFERS_BETA
    if agent.asks_for_secrets:
        flags |= Flag.ASKS_FOR_SECRETS
    values = facet_values(agent)
    facets = [codes[kind, values[kind]] for kind in FACETS]
    return (flags, agent.search_weight, *facets, int(agent.updated_at.timestamp()))


def facet_values(agent: Agent) -> dict[str, str]:
    return {
        "category": agent.category_id,
        "channel": agent.latest_channel,
        "license": agent.license,
        "provider": agent.model_provider,
    }


def _codes_of(agents: Iterable[Agent]) -> dict[tuple[str, str], int]:
    pairs = {pair for agent in agents for pair in facet_values(agent).items()}
    values = {value for _, value in pairs}
    codes: dict[tuple[str, str], int] = {}
    for batch in in_batches(sorted(values)):
        rows = SearchValue.objects.filter(value__in=batch)
        codes |= {(kind, value): pk for pk, kind, value in rows.values_list("pk", "kind", "value")}
    for kind, value in sorted(pairs - codes.keys()):
        codes[kind, value] = SearchValue.objects.get_or_create(kind=kind, value=value)[0].pk
    return codes


@transaction.atomic
def update_weights(weights: dict[UUID, int]) -> None:
    """Store changed search weights, which decide between agents that fit equally well."""
    _lock_index()
    by_block: dict[int, dict[int, int]] = defaultdict(dict)
    for batch in in_batches(sorted(weights), BATCH_SIZE):
        rows = IndexedAgent.objects.filter(agent__in=batch).values_list("number", "agent_id")
        for number, agent_id in rows:
            block, offset = divmod(number, COLUMN_BLOCK_SIZE)
            by_block[block][offset] = weights[agent_id]
    for block, changed in sorted(by_block.items()):
        row = SearchColumns.objects.get(pk=block)
        data = np.frombuffer(row.data, COLUMNS).copy()
        for offset, weight in changed.items():
            data["weight"][offset] = weight
        row.data, row.revision = data.tobytes(), row.revision + 1
        row.save()
