"""Reads the search index: postings, columns and words."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import groupby
from operator import itemgetter
from threading import Lock
from typing import Any

import numpy as np
from django.db import connection
from django.db.models import CharField, Max, Q, Sum
from numpy.typing import NDArray

from foundation.batches import in_batches
from foundation.compiled_query import CompiledQuery, Parameter, list_parameter
from registry.models import IndexedAgent, SearchColumns, SearchPosting, SearchValue, SearchWord
from registry.search_index.columns import (
    COLUMN_BLOCK_SIZE,
    COLUMNS,
    FACETS,
    LANGUAGE_BITS,
    TAG,
    Flag,
)
from registry.search_index.postings import BLOCK_SIZE

LAST_CHARACTER = "\U0010ffff"
Array = NDArray[Any]
# Agents of one name, or with one beginning of several words.
MAX_NAMED = 500


@dataclass(frozen=True, slots=True)
class Postings:
    """The numbers of the agents that have a term, with impact and fields of each."""

    numbers: Array
    impacts: Array
    fields: Array

    @property
    def agents(self) -> int:
        """How many agents have the term."""
        return len(self.numbers)


def read_postings(terms: Collection[str]) -> dict[str, Postings]:
    """The postings of these terms, without terms that no agent has. One query."""
    postings: dict[str, Postings] = {}
    for batch in in_batches(terms):
        rows = _postings_query(len(batch)).tuples(terms=batch)
        for term, rows_of_term in groupby(rows, itemgetter(0)):
            postings[term] = _join(list(rows_of_term))
    return postings


@lru_cache(maxsize=64)
def _postings_query(count: int) -> CompiledQuery:
    # A sentence reads a thousand rows, and Django's iterators take longer than the database.
    terms = list_parameter("terms", CharField(), count)
    rows = SearchPosting.objects.filter(term__in=terms).order_by("term", "block")
    return CompiledQuery(rows.values("term", "block", "count", "data"))


def _join(rows: Sequence[tuple[str, int, int, bytes | memoryview]]) -> Postings:
    _, blocks, counts, contents = zip(*rows, strict=True)
    # A posting as one number, because the fields of a structured array take twice as long.
    postings = np.frombuffer(b"".join(contents), "<u4")
    numbers = (postings & np.uint32(0xFFFF)).view(np.int32)
    numbers += np.repeat(np.array(blocks, np.int32) * np.int32(BLOCK_SIZE), counts)
    impacts = (postings >> np.uint32(16)).astype(np.uint8)
    return Postings(numbers, impacts, (postings >> np.uint32(24)).astype(np.uint8))


# --- Columns ---------------------------------------------------------------------------------


@dataclass
class Columns:
    """The columns of all agents by number, at a revision of the catalogue.

    ``rows`` has an array for each column: a pass over a column of whole rows takes five times as
    long. ``codes`` are the numbers of facet values, ``values`` the values by number.
    """

    revision: object = None
    blocks: dict[int, int] = field(default_factory=dict)
    rows: dict[str, Array] = field(default_factory=lambda: _empty_columns(0))
    codes: dict[tuple[str, str], int] = field(default_factory=dict)
    values: dict[int, str] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """One more than the highest number of an agent, rounded up to whole blocks."""
        return len(self.rows["flags"])

    @cached_property
    def listed(self) -> Array:
        """Which agents are listed."""
        return self.rows["flags"] & Flag.LISTED > 0

    @cached_property
    def listed_count(self) -> int:
        return int(np.count_nonzero(self.listed))

    @cached_property
    def findable(self) -> Array:
        """Which agents are listed or offer a beta."""
        return self.rows["flags"] & (Flag.LISTED | Flag.OFFERS_BETA) > 0


def _empty_columns(size: int) -> dict[str, Array]:
    columns = {name: np.zeros(size, kind) for name, (kind, *_) in (COLUMNS.fields or {}).items()}
    return columns | {"languages": np.zeros(size, LANGUAGE_BITS)}


_columns = Columns()
_lock = Lock()


def read_columns(revision: object) -> Columns:
    """The columns at a revision; each process rereads the changed blocks."""
    global _columns
    # Read once, because another thread may replace it between the comparison and the return.
    columns = _columns
    if columns.revision == revision:
        return columns
    # One thread rereads; the others would read the same blocks beside it.
    with _lock:
        _columns = _read_changes(_columns, revision)
        return _columns


def forget_columns() -> None:
    """For tests: a rolled-back revision would find its old columns again."""
    global _columns
    _columns = Columns()


def _read_changes(columns: Columns, revision: object) -> Columns:
    blocks = dict(SearchColumns.objects.values_list("block", "revision"))
    changed_blocks = [
        block for block, number in blocks.items() if columns.blocks.get(block) != number
    ]
    rows = _empty_columns(COLUMN_BLOCK_SIZE * (max(blocks, default=-1) + 1))
    for name, values_of_all in rows.items():
        former_values = columns.rows[name][: len(values_of_all)]
        values_of_all[: len(former_values)] = former_values
    for batch in in_batches(changed_blocks):
        selected_columns = SearchColumns.objects.filter(block__in=batch)
        for block, data, languages in selected_columns.values_list("block", "data", "languages"):
            place = slice(block * COLUMN_BLOCK_SIZE, (block + 1) * COLUMN_BLOCK_SIZE)
            values_of_block = np.frombuffer(data, COLUMNS)
            for name in COLUMNS.names or ():
                rows[name][place] = values_of_block[name]
            rows["languages"][place] = np.frombuffer(languages, LANGUAGE_BITS) if languages else 0
    facet_values = SearchValue.objects.filter(kind__in=FACETS)
    values = list(facet_values.values_list("pk", "kind", "value"))
    return Columns(
        revision,
        blocks,
        rows,
        {(kind, value): pk for pk, kind, value in values},
        {pk: value for pk, _, value in values},
    )


# --- Words -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the vocabulary, and how many agents have it."""

    word: str
    stem: str
    german_stem: str
    agents: int


WORD_COLUMNS = ("word", "stem", "german_stem", "agents")


# One query is compiled for each of these numbers of words. A shorter list is filled up by
# repeating a word.
SIZES = (4, 16, 64, 256)


def find_words(
    words: Collection[str], stems: Collection[str], german_stems: Collection[str]
) -> list[Word]:
    """The words of the vocabulary that are one of these or have one of these stems."""
    lists = {"words": list(words), "stems": list(stems), "german_stems": list(german_stems)}
    padded_text = {name: _padded(texts) for name, texts in lists.items()}
    query = _words_query(*(len(texts) for texts in padded_text.values()))
    return [Word(*row) for row in query.tuples(**padded_text)]


@lru_cache(maxsize=64)
def _words_query(words: int, stems: int, german_stems: int) -> CompiledQuery:
    condition = Q(word__in=list_parameter("words", CharField(), words))
    condition |= Q(stem__in=list_parameter("stems", CharField(), stems))
    condition |= Q(german_stem__in=list_parameter("german_stems", CharField(), german_stems))
    return CompiledQuery(SearchWord.objects.filter(condition).values(*WORD_COLUMNS))


def _padded(texts: list[str]) -> list[str]:
    """The texts, repeated up to the next size."""
    size = next((size for size in SIZES if size >= len(texts)), len(texts))
    # No word is a blank.
    return texts + [texts[-1] if texts else " "] * (size - len(texts))


def find_words_beginning(prefix: str, limit: int) -> list[Word]:
    """The most frequent words that begin with a prefix."""
    # SQLite answers LIKE from no index, but compares texts by their bytes.
    if connection.vendor == "sqlite":
        query = _beginning_query(limit)
        return [Word(*row) for row in query.tuples(start=prefix, end=prefix + LAST_CHARACTER)]
    rows = SearchWord.objects.filter(word__startswith=prefix).order_by("-agents", "word")
    return [Word(*row) for row in rows.values_list(*WORD_COLUMNS)[:limit]]


@lru_cache(maxsize=8)
def _beginning_query(limit: int) -> CompiledQuery:
    start, end = Parameter("start", CharField()), Parameter("end", CharField())
    rows = SearchWord.objects.filter(word__gte=start, word__lt=end).order_by("-agents", "word")
    return CompiledQuery(rows.values(*WORD_COLUMNS)[:limit])


def find_present_words(candidates: Iterable[str]) -> list[Word]:
    """Those of many candidates that are in the vocabulary."""
    words: list[Word] = []
    for batch in in_batches(candidates, SIZES[-1]):
        padded_text = _padded(batch)
        words += [Word(*row) for row in _present_query(len(padded_text)).tuples(words=padded_text)]
    return words


@lru_cache(maxsize=8)
def _present_query(count: int) -> CompiledQuery:
    words = list_parameter("words", CharField(), count)
    return CompiledQuery(SearchWord.objects.filter(word__in=words).values(*WORD_COLUMNS))


def find_common_tags(limit: int) -> list[str]:
    """The tags that most agents have."""
    tags = SearchValue.objects.filter(kind=TAG, agents__gt=0).order_by("-agents", "value")
    return list(tags.values_list("value", flat=True)[:limit])


def numbers_with_names(condition: Q) -> CompiledQuery:
    """Number, scope, name and folded display name of some agents."""
    columns = ("number", "agent__scope", "agent__name", "agent__folded_name")
    return CompiledQuery(IndexedAgent.objects.filter(condition).values(*columns)[:MAX_NAMED])


def count_index() -> dict[str, int]:
    """How large the index is."""
    postings = SearchPosting.objects.aggregate(n=Sum("count"))
    last = IndexedAgent.objects.aggregate(n=Max("number"))
    return {"postings": postings["n"] or 0, "agents": last["n"] or 0}
