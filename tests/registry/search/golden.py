"""The golden set: reading its labels, and what a ranking is worth by them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log2
from pathlib import Path

DEMO = Path(__file__).parent / "golden" / "demo.tsv"
PLACES = 10


@dataclass(frozen=True, slots=True)
class Judged:
    """``grades`` by the part of the id behind the slash; none: nothing must be found."""

    kind: str
    query: str
    grades: dict[str, int]


def judged_queries(path: Path = DEMO) -> Iterator[Judged]:
    for line in path.read_text(encoding="utf-8").splitlines():
        kind, query, labels = line.split("\t")
        pairs = (label.rsplit(":", 1) for label in labels.split())
        yield Judged(kind, query, {name: int(grade) for name, grade in pairs})


def ndcg(found: Sequence[str], grades: dict[str, int]) -> float:
    """nDCG@10 with the gain 2^grade - 1; of a query that must find nothing 1 or 0."""
    if not grades:
        return float(not found)
    gained = _discounted([grades.get(name, 0) for name in found[:PLACES]])
    return gained / _discounted(sorted(grades.values(), reverse=True)[:PLACES])


def _discounted(grades: Sequence[int]) -> float:
    return sum((2**grade - 1) / log2(place + 2) for place, grade in enumerate(grades))
