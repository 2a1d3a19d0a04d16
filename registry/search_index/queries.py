"""Reads the search index: postings, columns and words."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock
from typing import Any

import numpy as np
from django.db import connection
from django.db.models import Max, Q, Sum
from numpy.typing import NDArray

from foundation.batches import in_batches
from registry.models import IndexedAgent, SearchColumns, SearchPosting, SearchValue, SearchWord
from registry.search_index.columns import (
    COLUMN_BLOCK_SIZE,
    COLUMNS,
    FACETS,
    LANGUAGE_BITS,
    TAG,
    Flag,
)
from registry.search_index.postings import BLOCK_SIZE, POSTING

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


def read_postings(terms: Collection[str]) -> dict[str, Postings]:
    """The postings of these terms, without terms that no agent has. One query."""
    blocks: dict[str, list[tuple[int, bytes | memoryview]]] = defaultdict(list)
    for batch in in_batches(terms):
        rows = SearchPosting.objects.filter(term__in=batch).order_by("term", "block")
        for term, block, data in rows.values_list("term", "block", "data"):
            blocks[term].append((block, data))
    return {term: _join(parts) for term, parts in blocks.items()}


def _join(parts: Sequence[tuple[int, bytes | memoryview]]) -> Postings:
    # A posting as one number, because the fields of a structured array take twice as long.
    postings = np.frombuffer(b"".join(data for _, data in parts), "<u4")
    numbers = (postings & np.uint32(0xFFFF)).view(np.int32)
    starts = np.array([block * BLOCK_SIZE for block, _ in parts], np.int32)
    numbers += np.repeat(starts, [len(data) // POSTING.itemsize for _, data in parts])
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
    changed = [block for block, number in blocks.items() if columns.blocks.get(block) != number]
    rows = _empty_columns(COLUMN_BLOCK_SIZE * (max(blocks, default=-1) + 1))
    for name, values_of_all in rows.items():
        former_values = columns.rows[name][: len(values_of_all)]
        values_of_all[: len(former_values)] = former_values
    for batch in in_batches(changed):
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


def find_words(
    words: Collection[str], stems: Collection[str], german_stems: Collection[str]
) -> list[Word]:
    """The words of the vocabulary that are one of these or have one of these stems."""
    condition = Q(word__in=words) | Q(stem__in=stems) | Q(german_stem__in=german_stems)
    rows = SearchWord.objects.filter(condition).values_list(*WORD_COLUMNS)
    return [Word(*row) for row in rows]


def find_words_beginning(prefix: str, limit: int) -> list[Word]:
    """The most frequent words that begin with a prefix."""
    rows = SearchWord.objects.filter(_begins(prefix)).order_by("-agents", "word")
    return [Word(*row) for row in rows.values_list(*WORD_COLUMNS)[:limit]]


def _begins(prefix: str) -> Q:
    # SQLite answers LIKE from no index, but compares texts by their bytes.
    if connection.vendor == "sqlite":
        return Q(word__gte=prefix, word__lt=prefix + LAST_CHARACTER)
    return Q(word__startswith=prefix)


def find_present_words(candidates: Iterable[str]) -> list[Word]:
    """Those of many candidates that are in the vocabulary."""
    words: list[Word] = []
    for batch in in_batches(candidates):
        rows = SearchWord.objects.filter(word__in=batch)
        words += [Word(*row) for row in rows.values_list(*WORD_COLUMNS)]
    return words


def find_common_tags(limit: int) -> list[str]:
    """The tags that most agents have."""
    tags = SearchValue.objects.filter(kind=TAG, agents__gt=0).order_by("-agents", "value")
    return list(tags.values_list("value", flat=True)[:limit])


def find_names(condition: Q) -> list[tuple[int, str, str, str]]:
    """Number, scope, name and folded display name of some agents."""
    columns = ("number", "agent__scope", "agent__name", "agent__folded_name")
    return list(IndexedAgent.objects.filter(condition).values_list(*columns)[:MAX_NAMED])


def count_index() -> dict[str, int]:
    """How large the index is."""
    postings = SearchPosting.objects.aggregate(n=Sum("count"))
    last = IndexedAgent.objects.aggregate(n=Max("number"))
    return {"postings": postings["n"] or 0, "agents": last["n"] or 0}
