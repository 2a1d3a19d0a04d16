"""Approximate distinct counts (HyperLogLog, 512 registers, ±5 %).

Sketches of several days can be merged without counting an item twice. A sketch is a text of 512
characters and does not reveal its items: a register only holds the longest run of zeros.

Flajolet, Fusy, Gandouet, Meunier: HyperLogLog (2007); small counts by linear counting.
"""

from collections.abc import Iterable
from hashlib import sha256
from math import log

REGISTERS = 512
EMPTY_SKETCH = "0" * REGISTERS
_INDEX_BITS = REGISTERS.bit_length() - 1
_REST_BITS = 64 - _INDEX_BITS
_ZERO = ord("0")
_ALPHA = 0.7213 / (1 + 1.079 / REGISTERS)


def add_items(sketch: str, items: Iterable[str]) -> str:
    """The sketch with more items."""
    registers = list(sketch)
    for item in items:
        digest = int.from_bytes(sha256(item.encode()).digest()[:8])
        index, remaining_bits = digest & (REGISTERS - 1), digest >> _INDEX_BITS
        rank = chr(_ZERO + _REST_BITS - remaining_bits.bit_length() + 1)
        registers[index] = max(registers[index], rank)
    return "".join(registers)


def merge_sketches(sketches: Iterable[str]) -> str:
    """The sketch of the items of all sketches."""
    return "".join(map(max, zip(EMPTY_SKETCH, *sketches, strict=True)))


def estimate_count(sketch: str) -> int:
    """The approximate number of distinct items."""
    ranks = [ord(register) - _ZERO for register in sketch]
    estimate = _ALPHA * REGISTERS**2 / sum(2.0**-rank for rank in ranks)
    empty_count = ranks.count(0)
    if empty_count and estimate <= 2.5 * REGISTERS:
        return round(REGISTERS * log(REGISTERS / empty_count))
    return round(estimate)
