"""The format of stored vectors and neighbours."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from registry.models.vectors import NEIGHBOUR

Array = NDArray[Any]

BLOCK_SIZE = 256
"""Agents in a block of vectors, which the job writes as a whole."""
SCALE = 254
"""Components of vectors of length one are seldom greater than a half."""
MAX_NEIGHBOURS = 12


def pack_vector(vector: Array) -> Array:
    packed_vector: Array = np.clip(np.rint(vector * SCALE), -127, 127).astype(np.int8)
    return packed_vector


def unpack_vectors(data: Array) -> Array:
    """Vectors of length about one."""
    return data.astype(np.float32) / np.float32(SCALE)


def unpack_neighbours(data: bytes | memoryview) -> Array:
    return np.frombuffer(data, NEIGHBOUR)


def pack_neighbours(numbers: Array, similarities: Array) -> bytes:
    """The best neighbours, the most similar one first."""
    rows = np.zeros(len(numbers), NEIGHBOUR)
    rows["number"], rows["similarity"] = numbers, similarities
    order = np.lexsort((rows["number"], -rows["similarity"].astype(np.float32)))
    return rows[order[:MAX_NEIGHBOURS]].tobytes()
