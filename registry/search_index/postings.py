"""The format of postings: the agents of a block that have a term."""

from collections.abc import Collection, Mapping
from struct import Struct
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

MAX_POSTED_IMPACT = 255
# A publish rewrites one block of each of its terms, whatever the size of the catalogue.
BLOCK_SIZE = 4096
"""Agents in a block. Agent number n is in block n // BLOCK_SIZE."""

# Four bytes: a common word has a posting for every agent, and all of them are read at each search.
POSTING = np.dtype([("offset", "<u2"), ("impact", "u1"), ("fields", "u1")])
ENTRY_FORMAT = Struct("<HBB")


class Entry(NamedTuple):
    """How much an agent is about a term (0 to 255), and in which fields it is."""

    impact: int
    fields: int


def unpack(data: bytes | memoryview) -> NDArray[np.void]:
    return np.frombuffer(data, POSTING)


def pack(entries: Mapping[int, Entry]) -> bytes:
    """The postings of a block from the entries by offset in the block."""
    # Arrays of tuples take ten times as long to make as bytes.
    rows = (ENTRY_FORMAT.pack(offset, *entry) for offset, entry in sorted(entries.items()))
    return b"".join(rows)


def merge(
    data: bytes | memoryview, removed_offsets: Collection[int], added_entries: Mapping[int, Entry]
) -> bytes:
    """The postings without some offsets, and with others added or replaced."""
    old = unpack(data)
    is_replaced = np.isin(old["offset"], list({*removed_offsets, *added_entries}))
    new = np.frombuffer(pack(added_entries), POSTING)
    rows = np.concatenate([old[~is_replaced], new])
    return rows[np.argsort(rows["offset"], kind="stable")].tobytes()
