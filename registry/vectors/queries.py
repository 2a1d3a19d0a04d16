"""Reads vectors, and finds the nearest ones.

Each process keeps all vectors, if it needs them: a byte for each component, and a bit for its sign.
The signs tell which vectors may be near, and only those are compared exactly (ADR 38).
"""

from dataclasses import dataclass, field
from threading import Lock

import numpy as np

from foundation.batches import in_batches
from foundation.text.embedding import Vector, load_embedder
from registry.models import VectorBlock
from registry.vectors.blocks import BLOCK_SIZE, SCALE, Array

# Vectors that are compared exactly, of those with the most equal signs.
MAX_COMPARED = 5_000
MAX_DISTANCE = 512
"""More signs than a vector has."""
COMPARED_AT_ONCE = 512
SIGNS_AT_ONCE = 16_384
# Blocks by which the kept arrays grow.
GROWTH = 16


@dataclass(slots=True)
class Vectors:
    """The vectors of all agents by number, at a revision of the catalogue.

    ``signs`` has 64 signs of each vector in a row. Agents without a vector have zeros.
    """

    revision: object = None
    blocks: dict[int, int] = field(default_factory=dict)
    rows: Array = field(default_factory=lambda: np.zeros((0, 0), np.int8))
    signs: Array = field(default_factory=lambda: np.zeros((0, 0), np.uint64))

    def nearest(self, query: Vector, among: Array) -> tuple[Array, Array]:
        """Numbers of vectors that may be near, and similarities, from -1 to 1.

        ``among`` is a mask by number; of many vectors, only the likeliest are compared.
        """
        is_among = np.zeros(len(self.rows), bool)
        is_among[: len(among)] = among[: len(is_among)]
        if int(np.count_nonzero(is_among)) > MAX_COMPARED:
            distances = self._sign_distances(query)
            distances[~is_among] = MAX_DISTANCE
            # All of a distance or none, so that the choice does not depend on the order.
            counts = np.cumsum(np.bincount(distances))
            limit = max(1, int(np.searchsorted(counts, MAX_COMPARED, side="right")))
            is_among = distances < limit
        numbers = np.flatnonzero(is_among)
        return numbers, self._similarities(numbers, query)

    def _similarities(self, numbers: Array, query: Vector) -> Array:
        similarities = np.empty(len(numbers), np.float32)
        # In a small array that is used again: one for all vectors takes twenty times as long,
        # because the system fills its pages with zeros first.
        vectors = np.empty((COMPARED_AT_ONCE, len(query)), np.float32)
        # The query is scaled, because it is smaller than the vectors.
        scaled_query = query / np.float32(SCALE)
        for start in range(0, len(numbers), COMPARED_AT_ONCE):
            part = numbers[start : start + COMPARED_AT_ONCE]
            vectors[: len(part)] = self.rows[part]
            np.dot(vectors[: len(part)], scaled_query, out=similarities[start : start + len(part)])
        return similarities

    def _sign_distances(self, query: Vector) -> Array:
        """How many signs of each vector differ from the query's."""
        signs = signs_of(query[None, :])[:, 0]
        distances = np.zeros(self.signs.shape[1], np.uint16)
        # In small arrays that are used again, which stay in the cache of the processor.
        differences, counts = np.empty(SIGNS_AT_ONCE, np.uint64), np.empty(SIGNS_AT_ONCE, np.uint8)
        for start in range(0, len(distances), SIGNS_AT_ONCE):
            part = distances[start : start + SIGNS_AT_ONCE]
            size = len(part)
            for row, word in zip(self.signs, signs, strict=True):
                np.bitwise_xor(row[start : start + size], word, out=differences[:size])
                np.bitwise_count(differences[:size], out=counts[:size])
                part += counts[:size]
        return distances


def signs_of(vectors: Array) -> Array:
    """The signs of vectors as bits: a row for 64 components of all vectors."""
    bits = np.packbits(vectors > 0, axis=1, bitorder="little").view(np.uint64)
    return np.ascontiguousarray(bits.T)


_vectors = Vectors()
_lock = Lock()


def read_vectors(revision: object) -> Vectors:
    """The vectors at a revision; only changed blocks are read again."""
    global _vectors
    vectors = _vectors
    if vectors.revision == revision:
        return vectors
    with _lock:
        if _vectors.revision != revision:
            _vectors = _read_changes(_vectors, revision)
        return _vectors


def forget_vectors() -> None:
    """For tests: a rolled-back revision would find its old vectors again."""
    global _vectors
    _vectors = Vectors()


def _read_changes(vectors: Vectors, revision: object) -> Vectors:
    embedder = load_embedder()
    width = embedder.width if embedder else 0
    blocks = dict(VectorBlock.objects.values_list("block", "revision"))
    changed_blocks = [
        block for block, number in blocks.items() if vectors.blocks.get(block) != number
    ]
    rows, signs = vectors.rows, vectors.signs
    size = max(blocks, default=-1) // GROWTH * GROWTH * BLOCK_SIZE + GROWTH * BLOCK_SIZE
    if rows.shape[0] < size or rows.shape[1] != width:
        rows, signs = np.zeros((size, width), np.int8), np.zeros((width // 64, size), np.uint64)
        if vectors.rows.shape[1] == width:
            count = len(vectors.rows)
            rows[:count], signs[:, :count] = vectors.rows, vectors.signs
    # Changed in place, because a copy would double the memory: other threads compare either the
    # former or the new vector.
    for batch in in_batches(sorted(changed_blocks)):
        data = VectorBlock.objects.filter(block__in=batch).values_list("block", "data")
        for block, content in data.iterator():
            start, part = block * BLOCK_SIZE, read_block(content, width)
            rows[start : start + BLOCK_SIZE] = part
            signs[:, start : start + BLOCK_SIZE] = signs_of(part)
    return Vectors(revision, blocks, rows, signs)


def read_block(content: bytes | memoryview, width: int) -> Array:
    """The vectors of a block; zeros if another model has made them."""
    vectors = np.frombuffer(content, np.int8)
    if len(vectors) != BLOCK_SIZE * width:
        return np.zeros((BLOCK_SIZE, width), np.int8)
    return vectors.reshape(BLOCK_SIZE, width)
