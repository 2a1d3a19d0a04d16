"""Reads the judgements of the golden set and scores a ranking by them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log2
from pathlib import Path

DEMO = Path(__file__).parent / "golden" / "demo.tsv"
PLACES = 10


@dataclass(frozen=True, slots=True)
class Judgement:
    """``grades`` by agent name. Without grades, the query must have no match."""

    kind: str
    query: str
    grades: dict[str, int]


def read_judgements(path: Path = DEMO) -> Iterator[Judgement]:
    for line in path.read_text(encoding="utf-8").splitlines():
        kind, query, labels = line.split("\t")
        pairs = (label.rsplit(":", 1) for label in labels.split())
        yield Judgement(kind, query, {name: int(grade) for name, grade in pairs})


def ndcg(names: Sequence[str], grades: dict[str, int]) -> float:
    """nDCG@10 with gain 2^grade - 1; 1 or 0 for a query that must have no match."""
    if not grades:
        return float(not names)
    gain = _discounted([grades.get(name, 0) for name in names[:PLACES]])
    return gain / _discounted(sorted(grades.values(), reverse=True)[:PLACES])


def _discounted(grades: Sequence[int]) -> float:
    return sum((2**grade - 1) / log2(place + 2) for place, grade in enumerate(grades))
