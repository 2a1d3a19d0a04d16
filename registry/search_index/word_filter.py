"""Tells most words that no agent has from others, without the database.

A typo may be some hundred other words, of which almost none exists. A bit for each hash of a word
tells so. The bits are stored in blocks, and each process keeps them, as it keeps the columns.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foundation.bulk_writes import BulkInsert
from registry.models import WordFilterBlock
from registry.search_index.word_hashes import BASE, hash_of

Array = NDArray[Any]

HASH_BITS = 22
"""Half a megabyte in each process; of a million words, four of five others are told apart."""
BLOCKS = 64
BLOCK_BYTES = 2**HASH_BITS // 8 // BLOCKS

SAVED_BLOCKS = BulkInsert(
    WordFilterBlock,
    ("block", "revision", "data"),
    replace=("revision", "data"),
    unique=("block",),
)


@dataclass(slots=True)
class WordFilter:
    """The bits at a revision of the catalogue."""

    revision: object = None
    blocks: dict[int, int] = field(default_factory=dict)
    bits: Array = field(default_factory=lambda: np.zeros(BLOCKS * BLOCK_BYTES, np.uint8))

    def may_have(self, hashes: Array) -> Array:
        """Which of the words with these hashes some agent may have."""
        places = _places_of(hashes)
        is_possible: Array = (self.bits[places >> 3] >> (places & 7)) & 1 > 0
        return is_possible


def _places_of(hashes: Array) -> Array:
    """The bits of hashes: each depends on all bits of its hash."""
    product = (hashes ^ (hashes >> np.uint64(32))) * np.uint64(BASE)
    places: Array = (product >> np.uint64(64 - HASH_BITS)).astype(np.int64)
    return places


_filter = WordFilter()
_lock = Lock()


def read_word_filter(revision: object) -> WordFilter:
    """The filter at a revision of the catalogue; only changed blocks are read again."""
    global _filter
    word_filter = _filter
    if word_filter.revision == revision:
        return word_filter
    with _lock:
        if _filter.revision != revision:
            _filter = _read_changes(_filter, revision)
        return _filter


def forget_word_filter() -> None:
    """For tests: a rolled-back revision would find its old words again."""
    global _filter
    _filter = WordFilter()


def _read_changes(word_filter: WordFilter, revision: object) -> WordFilter:
    blocks = dict(WordFilterBlock.objects.values_list("block", "revision"))
    changed_blocks = [n for n, number in blocks.items() if word_filter.blocks.get(n) != number]
    bits = word_filter.bits
    if changed_blocks:
        bits = bits.copy()
        rows = WordFilterBlock.objects.filter(block__in=changed_blocks).values_list("block", "data")
        for block, data in rows:
            place = slice(block * BLOCK_BYTES, (block + 1) * BLOCK_BYTES)
            bits[place] = np.frombuffer(data, np.uint8)
    return WordFilter(revision, blocks, bits)


def add_to_filter(words: Iterable[str]) -> None:
    """Add words that an agent has for the first time, under the lock of the index.

    A word that no agent has any more stays: its bit may be that of another word.
    """
    by_block: dict[int, list[int]] = defaultdict(list)
    hashes = np.array([hash_of(word) for word in words], np.uint64)
    for place_of_all in _places_of(hashes).tolist():
        block, place = divmod(place_of_all, 8 * BLOCK_BYTES)
        by_block[block].append(place)
    present = WordFilterBlock.objects.in_bulk(list(by_block))
    changed_rows: list[tuple[int, int, bytes]] = []
    for block, places in sorted(by_block.items()):
        row = present.get(block) or WordFilterBlock(block=block, data=bytes(BLOCK_BYTES))
        bits = np.frombuffer(row.data, np.uint8).copy()
        hashes = np.array(places)
        np.bitwise_or.at(bits, hashes >> 3, (1 << (hashes & 7)).astype(np.uint8))
        if bits.tobytes() != bytes(row.data) or not row.revision:
            changed_rows.append((block, row.revision + 1, bits.tobytes()))
    SAVED_BLOCKS.insert(changed_rows)
