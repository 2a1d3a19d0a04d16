"""Writes the search index, in the transaction of the change that it follows."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from uuid import UUID

import numpy as np
from django.db import transaction
from django.db.models import Max, Q, UUIDField
from django.utils.html import strip_tags

from foundation.batches import BATCH_SIZE, in_batches
from foundation.bulk import postpone
from foundation.bulk_writes import BulkInsert
from foundation.caching.actions import bump_revision
from foundation.compiled_instances import CompiledInstances
from foundation.compiled_query import CompiledQuery, list_parameter
from registry.models import (
    Agent,
    AgentDescription,
    AgentTag,
    FileView,
    IndexedAgent,
    SearchColumns,
    SearchPosting,
    SearchValue,
    VersionFile,
)
from registry.search_index.columns import (
    COLUMN_BLOCK_SIZE,
    COLUMNS,
    FACETS,
    LANGUAGE_BITS,
    Flag,
    language_bits,
)
from registry.search_index.entries import (
    INDEX_VERSION,
    AgentTexts,
    entries_of,
    languages_in,
    pack_entries,
    unpack_entries,
)
from registry.search_index.postings import BLOCK_SIZE, POSTING, Entry, merge, pack
from registry.search_index.vocabulary import save_counts

CATALOGUE = "catalogue"
"""Revision of which agents are listed, and what is searched, filtered and counted of them."""

MAX_FILES = 40
"""Texts of a package that are searched."""
TERMS_AT_ONCE = 500

# By block and term: the changed entries by offset; None removes one.
Changes = dict[int, dict[str, dict[int, Entry | None]]]


def index_agents(agent_ids: Collection[UUID], *, repair: bool = False) -> int:
    """Make the index of these agents equal to their rows; returns the changes.

    During a bulk load that happens at its end. ``repair``: write every term again, whatever the
    index says is stored. Other writers of the index wait from here to the end of the transaction,
    so lock agents before, and call this last.
    """
    if not repair and postpone(index_agents, agent_ids):
        return 0
    ids = list(agent_ids)
    agents = _agents_query(len(ids)).instances(ids=ids)
    entries = _compute_entries(agents)
    with transaction.atomic():
        lock_index()
        return _save_index(agents, entries, repair=repair)


@lru_cache(maxsize=8)
def _agents_query(count: int) -> CompiledInstances[Agent]:
    agents = Agent.objects.filter(pk__in=list_parameter("ids", UUIDField(), count))
    # In a fixed order, so that new agents get their numbers in the order of their creation.
    return CompiledInstances(agents.order_by("created_at", "pk"), relations=(), annotations=())


def _compute_entries(agents: Sequence[Agent]) -> dict[UUID, dict[str, Entry]]:
    texts = read_texts([agent for agent in agents if is_findable(agent)])
    return {agent.pk: entries_of(texts[agent.pk]) if agent.pk in texts else {} for agent in agents}


def _save_index(
    agents: Sequence[Agent], entries: dict[UUID, dict[str, Entry]], *, repair: bool = False
) -> int:
    # Read under the lock of the index: a rebuild writes without the locks of agents.
    rows = _indexed_agents(agents)
    changes: Changes = defaultdict(lambda: defaultdict(dict))
    word_changes: dict[str, int] = defaultdict(int)
    new_rows: list[IndexedAgent] = []
    for agent in agents:
        row = rows[agent.pk]
        before, after = unpack_entries(row.entries), entries[agent.pk]
        if before == after and row.rule_set == INDEX_VERSION and not repair:
            continue
        _note_changes(row.number, before, after, changes, word_changes, all_terms=repair)
        row.entries, row.rule_set = pack_entries(after), INDEX_VERSION
        new_rows.append(row)
    _save_changes(changes)
    save_counts(word_changes)
    SAVED_AGENTS.insert((row.number, row.agent_id, row.rule_set, row.entries) for row in new_rows)
    languages = {
        rows[agent.pk].number: language_bits(languages_in(entries[agent.pk])) for agent in agents
    }
    _save_columns({rows[agent.pk].number: agent for agent in agents}, languages)
    return len(new_rows)


SAVED_AGENTS = BulkInsert(
    IndexedAgent,
    ("number", "agent_id", "rule_set", "entries"),
    replace=("entries", "rule_set"),
    unique=("number",),
)
SAVED_COLUMNS = BulkInsert(
    SearchColumns,
    ("block", "revision", "data", "languages"),
    replace=("revision", "data", "languages"),
    unique=("block",),
)
NEW_VALUES = BulkInsert(SearchValue, ("kind", "value"))
SAVED_POSTINGS = BulkInsert(
    SearchPosting,
    ("term", "block", "count", "data"),
    replace=("count", "data"),
    unique=("term", "block"),
)


def lock_index() -> None:
    """Wait for other writers: two of one block would lose a change otherwise."""
    # The row of the first block is the lock of the whole index, so there is only one order.
    first = SearchColumns.objects.select_for_update().filter(pk=0)
    if not first.values_list("pk").first():
        empty = np.zeros(COLUMN_BLOCK_SIZE, COLUMNS).tobytes()
        # The first two writers may both find it missing.
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


def read_texts(agents: Sequence[Agent]) -> dict[UUID, AgentTexts]:
    """The searched texts of agents, in a constant number of queries."""
    tags: dict[UUID, list[str]] = defaultdict(list)
    pairs = AgentTag.objects.filter(agent__in=agents).order_by("agent_id", "tag")
    for agent_id, tag in pairs.values_list("agent_id", "tag"):
        tags[agent_id].append(tag)
    files = _files_of([agent.latest_version_id for agent in agents if agent.latest_version_id])
    translations = _translations_of(agents)
    return {
        agent.pk: AgentTexts(
            agent,
            tags[agent.pk],
            # No version has the id of an agent, so an agent without a latest one has no files.
            files.get(agent.latest_version_id or agent.pk, ()),
            translations[agent.pk],
        )
        for agent in agents
    }


def _translations_of(agents: Sequence[Agent]) -> dict[UUID, list[str]]:
    """The descriptions in other languages, without their markup."""
    texts: dict[UUID, list[str]] = defaultdict(list)
    # Few agents have them, and a publish of the others needs no query.
    if translated := [agent.pk for agent in agents if agent.taglines]:
        rows = AgentDescription.objects.filter(agent__in=translated).order_by("agent", "language")
        for agent_id, html in rows.values_list("agent_id", "html"):
            texts[agent_id].append(strip_tags(html))
    return texts


def _files_of(version_ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    """The prose of these versions, if it is free: a search would tell its words."""
    digests: dict[UUID, dict[str, str]] = defaultdict(dict)
    rows = _files_query(len(version_ids)).tuples(ids=version_ids)
    for version_id, path, sha256 in rows:
        # Of a path with rows of several rule sets, the newest comes first and stays.
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


@lru_cache(maxsize=8)
def _files_query(count: int) -> CompiledQuery:
    free_files = VersionFile.objects.filter(version__agent__price_satoshis=None)
    ids = list_parameter("ids", UUIDField(), count)
    rows = free_files.filter(version__pk__in=ids, path__iendswith=".md")
    rows = rows.exclude(path__iendswith="changelog.md").order_by("version", "path", "-id")
    return CompiledQuery(rows.values("version_id", "path", "sha256"))


def index_next(count: int) -> int:
    """Index agents without an index of these rules, up to ``count``; returns how many.

    Each call is a transaction of its own, so the shop runs meanwhile, and what was interrupted goes
    on with the next call. The texts are read before, so that publishes wait for the writing only.
    """
    is_outdated = Q(indexed=None) | ~Q(indexed__rule_set=INDEX_VERSION)
    agents = list(Agent.objects.filter(is_outdated).order_by("created_at", "pk")[:count])
    entries = _compute_entries(agents)
    with transaction.atomic():
        lock_index()
        # A publish has indexed what it changed; what is not committed yet waits for the lock.
        revisions = dict(Agent.objects.filter(pk__in=entries.keys()).values_list("pk", "revision"))
        unchanged_agents = [agent for agent in agents if revisions[agent.pk] == agent.revision]
        if unchanged_agents:
            _save_index(unchanged_agents, entries)
            bump_revision(CATALOGUE)
    return len(agents)


def places_in_block() -> int:
    """How many new agents fill a block: so each of its postings is written once."""
    last = IndexedAgent.objects.aggregate(n=Max("number"))["n"] or 0
    return BLOCK_SIZE - (last + 1) % BLOCK_SIZE


def forget_rules() -> None:
    """Mark the index of every agent as made by former rules."""
    IndexedAgent.objects.update(rule_set=0)


# --- Postings and words ----------------------------------------------------------------------


def _note_changes(
    number: int,
    before: dict[str, Entry],
    after: dict[str, Entry],
    changes: Changes,
    word_changes: dict[str, int],
    *,
    all_terms: bool,
) -> None:
    block, offset = divmod(number, BLOCK_SIZE)
    for term, entry in after.items():
        if all_terms or before.get(term) != entry:
            changes[block][term][offset] = entry
        if term not in before:
            word_changes[term] += 1
    for term in before.keys() - after.keys():
        changes[block][term][offset] = None
        word_changes[term] -= 1


def _save_changes(changes: Changes) -> None:
    for block, terms in sorted(changes.items()):
        is_new = not SearchPosting.objects.filter(block=block).exists()
        # In the order of the index of the table, which is then read and written once.
        for batch in in_batches(sorted(terms), TERMS_AT_ONCE):
            _save_postings(block, {term: terms[term] for term in batch}, is_new=is_new)


def _save_postings(
    block: int, changes: dict[str, dict[int, Entry | None]], *, is_new: bool
) -> None:
    present: dict[str, bytes | memoryview] = {}
    if not is_new:
        rows = SearchPosting.objects.filter(block=block, term__in=list(changes))
        present = dict(rows.values_list("term", "data"))
    saved_rows: list[tuple[str, int, int, bytes]] = []
    empty_terms: list[str] = []
    for term, change in changes.items():
        new = {offset: entry for offset, entry in change.items() if entry is not None}
        data = merge(present[term], change.keys(), new) if term in present else pack(new)
        if data:
            saved_rows.append((term, block, len(data) // POSTING.itemsize, data))
        else:
            empty_terms.append(term)
    SAVED_POSTINGS.insert(saved_rows)
    if empty_terms:
        SearchPosting.objects.filter(block=block, term__in=empty_terms).delete()


# --- Columns ---------------------------------------------------------------------------------


def _save_columns(agents: dict[int, Agent], languages: dict[int, int]) -> None:
    """Store the columns of agents, and the bits of their languages, by their numbers."""
    codes = _codes_of(agents.values())
    by_block: dict[int, list[int]] = defaultdict(list)
    for number in agents:
        by_block[number // COLUMN_BLOCK_SIZE].append(number)
    for block, numbers in sorted(by_block.items()):
        row = SearchColumns.objects.filter(pk=block).first() or SearchColumns(block=block)
        data = np.zeros(COLUMN_BLOCK_SIZE, COLUMNS)
        bits = np.zeros(COLUMN_BLOCK_SIZE, LANGUAGE_BITS)
        if row.data:
            data = np.frombuffer(row.data, COLUMNS).copy()
        if row.languages:
            bits = np.frombuffer(row.languages, LANGUAGE_BITS).copy()
        for number in numbers:
            offset = number % COLUMN_BLOCK_SIZE
            data[offset] = _columns_of(agents[number], codes)
            bits[offset] = languages[number]
        SAVED_COLUMNS.insert([(block, row.revision + 1, data.tobytes(), bits.tobytes())])


def _columns_of(agent: Agent, codes: dict[tuple[str, str], int]) -> tuple[int, ...]:
    flags = Flag.LISTED if agent.is_listed else Flag(0)
    if agent.offers_beta and agent.delisted_at is None:
        flags |= Flag.OFFERS_BETA
    if agent.requires_secrets:
        flags |= Flag.REQUIRES_SECRETS
    if agent.price_satoshis is not None:
        flags |= Flag.HAS_PRICE
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
    """The number of each facet value of agents; new values get the next ones.

    Only a writer that holds the lock of the index adds values.
    """
    pairs = {pair for agent in agents for pair in facet_values(agent).items()}
    codes = _stored_codes(value for _, value in pairs)
    if new_pairs := sorted(pairs - codes.keys()):
        NEW_VALUES.insert(new_pairs)
        codes |= _stored_codes(value for _, value in new_pairs)
    return codes


def _stored_codes(values: Iterable[str]) -> dict[tuple[str, str], int]:
    codes: dict[tuple[str, str], int] = {}
    for batch in in_batches(sorted(set(values))):
        rows = SearchValue.objects.filter(value__in=batch)
        codes |= {(kind, value): pk for pk, kind, value in rows.values_list("pk", "kind", "value")}
    return codes


@transaction.atomic
def update_weights(weights: dict[UUID, int]) -> None:
    """Store changed search weights, which decide between agents that fit equally well."""
    lock_index()
    by_block: dict[int, dict[int, int]] = defaultdict(dict)
    for batch in in_batches(sorted(weights), BATCH_SIZE):
        rows = IndexedAgent.objects.filter(agent__in=batch).values_list("number", "agent_id")
        for number, agent_id in rows:
            block, offset = divmod(number, COLUMN_BLOCK_SIZE)
            by_block[block][offset] = weights[agent_id]
    for block, changed_weights in sorted(by_block.items()):
        row = SearchColumns.objects.get(pk=block)
        data = np.frombuffer(row.data, COLUMNS).copy()
        for offset, weight in changed_weights.items():
            data["weight"][offset] = weight
        row.data, row.revision = data.tobytes(), row.revision + 1
        row.save()
