"""How many different ones there were, without keeping which: a HyperLogLog of 512 registers.

Sketches of several days can be merged, which sums cannot: who came on two days is one. Small
numbers are exact to within one or so, large ones to about five in a hundred. A sketch is a text of
512 characters; of what was added it keeps no more than the longest run of zeros in each register.
"""

from collections.abc import Iterable
from hashlib import sha256
from math import log

REGISTERS = 512
EMPTY = "0" * REGISTERS
_INDEX_BITS = REGISTERS.bit_length() - 1
_REST_BITS = 64 - _INDEX_BITS
_ZERO = ord("0")
_ALPHA = 0.7213 / (1 + 1.079 / REGISTERS)


def with_added(sketch: str, things: Iterable[str]) -> str:
    """The sketch after these were seen too."""
    registers = list(sketch)
    for thing in things:
        digest = int.from_bytes(sha256(thing.encode()).digest()[:8])
        place, rest = digest & (REGISTERS - 1), digest >> _INDEX_BITS
        rank = chr(_ZERO + _REST_BITS - rest.bit_length() + 1)
        registers[place] = max(registers[place], rank)
    return "".join(registers)


def merged(sketches: Iterable[str]) -> str:
    """The sketch of all that any of these has seen."""
    return "".join(map(max, zip(EMPTY, *sketches, strict=True)))


def estimate(sketch: str) -> int:
    """How many different ones were seen, about."""
    ranks = [ord(register) - _ZERO for register in sketch]
    raw = _ALPHA * REGISTERS**2 / sum(2.0**-rank for rank in ranks)
    empty = ranks.count(0)
    if empty and raw <= 2.5 * REGISTERS:
        return round(REGISTERS * log(REGISTERS / empty))
    return round(raw)
