"""Whether searches find one agent, without looking at any other.

The same code as for all agents finds it, in an index in which no other agent is: `find_matches_in`.
Words are as rare there as among all agents.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, pairwise, zip_longest
from uuid import UUID

import numpy as np

from foundation.batches import in_batches
from foundation.text.stems import german_stem, stem
from foundation.text.terms import query_terms
from registry.models import IndexedAgent
from registry.search.matching import filtered_agents, find_matches_in
from registry.search.names import AgentNames, tier_of_name
from registry.search.query import AgentSearch
from registry.search.scoring import EXACT_ID, EXACT_NAME, NAME_BEGINS
from registry.search.stored import keys_of_agent
from registry.search.synonyms import synonyms_of
from registry.search.whole_index import WholeIndex
from registry.search_index.entries import unpack_entries
from registry.search_index.postings import Entry
from registry.search_index.queries import (
    SIZES,
    Columns,
    Postings,
    Word,
    find_words,
    find_words_beginning,
)

NUMBER, NOBODY = np.zeros(1, np.int32), np.zeros(0, np.int32)


@dataclass(frozen=True, slots=True)
class CountedPostings(Postings):
    """The posting of one agent, or none, with the number of agents of all."""

    agent_count: int = 0

    @property
    def agents(self) -> int:
        return self.agent_count


class OneAgentIndex:
    """The index as if it had one agent, of number 0, with the words and counts of all.

    Words that were looked up once are kept, because many searches have the same ones.
    """

    def __init__(self, row: IndexedAgent) -> None:
        whole_index = WholeIndex()
        self.revision = whole_index.revision
        self.columns = _columns_of(whole_index.columns, row.number)
        agent = row.agent
        self.names = AgentNames(agent.scope, agent.name, agent.folded_name)
        self.entries = unpack_entries(row.entries)
        self._words: dict[str, Word] = {}
        self._by_stem: dict[str, dict[str, Word]] = {}
        self._by_german_stem: dict[str, dict[str, Word]] = {}
        self._known_texts: tuple[set[str], set[str], set[str]] = (set(), set(), set())
        self._beginnings: dict[tuple[str, int], list[Word]] = {}
        self._postings: dict[str, Postings] = {}

    def load_words(self, *texts: Collection[str]) -> None:
        """Look up these words, stems and German stems, unless they are known."""
        pairs = zip(texts, self._known_texts, strict=True)
        new_texts = [set(batch) - known_texts for batch, known_texts in pairs]
        if not any(new_texts):
            return
        batches = (in_batches(sorted(batch), SIZES[-1]) for batch in new_texts)
        for words, stems, german_stems in zip_longest(*batches, fillvalue=[]):
            for word in find_words(words, stems, german_stems):
                self._words[word.word] = word
                self._by_stem.setdefault(word.stem, {})[word.word] = word
                self._by_german_stem.setdefault(word.german_stem, {})[word.word] = word
        for known_texts, batch in zip(self._known_texts, new_texts, strict=True):
            known_texts |= batch

    def find_words(
        self, words: Collection[str], stems: Collection[str], german_stems: Collection[str]
    ) -> list[Word]:
        self.load_words(words, stems, german_stems)
        entries = {word: self._words[word] for word in words if word in self._words}
        for text in stems:
            entries |= self._by_stem.get(text, {})
        for text in german_stems:
            entries |= self._by_german_stem.get(text, {})
        return list(entries.values())

    def find_words_beginning(self, prefix: str, limit: int) -> list[Word]:
        key = prefix, limit
        if key not in self._beginnings:
            self._beginnings[key] = find_words_beginning(prefix, limit)
            self._words |= {word.word: word for word in self._beginnings[key]}
        return self._beginnings[key]

    def read_postings(self, terms: Collection[str]) -> dict[str, Postings]:
        return {term: self._posting(term) for term in terms if self._is_known(term)}

    def _is_known(self, term: str) -> bool:
        return term in self._words or term in self.entries

    def _posting(self, term: str) -> Postings:
        if term not in self._postings:
            entry = self.entries.get(term)
            count = self._words[term].agents if term in self._words else 1
            self._postings[term] = _one_posting(entry, count)
        return self._postings[term]

    def find_named(self, text: str) -> dict[int, list[int]]:
        tier = tier_of_name(text, self.names)
        return {key: [0] if key == tier else [] for key in (NAME_BEGINS, EXACT_NAME, EXACT_ID)}


def _one_posting(entry: Entry | None, agent_count: int) -> Postings:
    if entry is None:
        return CountedPostings(NOBODY, NOBODY.astype("u1"), NOBODY.astype("u1"), agent_count)
    impacts, fields = np.array([entry.impact], "u1"), np.array([entry.fields], "u1")
    return CountedPostings(NUMBER, impacts, fields, agent_count)


def _columns_of(columns: Columns, number: int) -> Columns:
    """The columns with the row of one agent."""
    rows = {name: values[number : number + 1] for name, values in columns.rows.items()}
    own_columns = Columns(columns.revision, {}, rows, columns.codes, columns.values)
    # How rare a word is depends on the number of all agents.
    own_columns.listed_count = columns.listed_count
    return own_columns


class AgentFinder:
    """Says of many searches whether they find one agent, without fallback."""

    def __init__(self, row: IndexedAgent) -> None:
        self.index = OneAgentIndex(row)
        self._category = str(row.agent.category_id)

    @cached_property
    def keys(self) -> set[str]:
        """One of these keys is stored with each search that finds the agent."""
        return keys_of_agent(self.index.entries, self._category)

    def fitting(self, searches: Sequence[AgentSearch]) -> list[bool]:
        """For each of these searches whether it finds the agent."""
        readings = [_readings_of(search) for search in searches]
        passing_readings = [
            [reading for reading in pair if filtered_agents(reading, self.index).size]
            for pair in readings
        ]
        self.index.load_words(*_texts_of(chain.from_iterable(passing_readings)))
        return [
            self._is_found_by(search, passing)
            for search, passing in zip(searches, passing_readings, strict=True)
        ]

    def _is_found_by(self, search: AgentSearch, readings: Iterable[AgentSearch]) -> bool:
        for reading in readings:
            if find_matches_in(self.index, reading, may_be_loose=False).total:
                # The words of filters are text only if no agent at all passes the filters.
                is_plain = reading is not search
                return not (is_plain and _finds_any(search))
        return False


def _readings_of(search: AgentSearch) -> list[AgentSearch]:
    """A search with the filters that were read from its text, and with them as text."""
    return [search, search.as_plain_text()] if search.intents else [search]


def _finds_any(search: AgentSearch) -> bool:
    return find_matches_in(WholeIndex(), search, may_be_loose=False).total > 0


def _texts_of(searches: Iterable[AgentSearch]) -> tuple[set[str], set[str], set[str]]:
    """The words, stems and German stems that these searches look up."""
    words: set[str] = set()
    stems: set[str] = set()
    for search in searches:
        parts = [part for word in search.words for part in query_terms(word)]
        words.update(parts, map("".join, pairwise(parts)))
        stems.update(stem(synonym) for part in parts for synonym in synonyms_of(part))
        stems.update(map(stem, parts))
    return words, stems, {german_stem(word) for word in words}


def find_agent_finder(agent_id: UUID) -> AgentFinder | None:
    """The finder of an agent; None if the agent is not in the index."""
    row = IndexedAgent.objects.select_related("agent").filter(agent_id=agent_id).first()
    return AgentFinder(row) if row is not None and row.entries else None
