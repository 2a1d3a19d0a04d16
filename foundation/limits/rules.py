"""The one table of limits. They protect the machine; quotas, the product, live elsewhere."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Limit:
    """``allowed`` uses per ``seconds``, per user or per address.

    An exact limit counts in the database, across processes. The others count in the process, so
    that a read never writes: with N workers a caller may get up to N times as many through.
    """

    name: str
    allowed: int
    seconds: int
    per: Literal["user", "address"]
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Budget:
    """What one kind of work may take of the machine's processors, whoever asks for it.

    ``share`` of all of them together; what is not used is saved for ``saved`` seconds, so that
    people need not come one by one.
    """

    name: str
    share: float
    saved: int


BUDGETS = {
    budget.name: budget
    for budget in (
        # In any twenty seconds at most twice this, for as much may have been saved.
        Budget("compare", 0.025, 20),
    )
}

LIMITS = {
    limit.name: limit
    for limit in (
        Limit("publish", 20, 3600, "user", exact=True),
        Limit("report", 10, 3600, "address", exact=True),
        Limit("appeal", 10, 3600, "user", exact=True),
        Limit("review", 30, 3600, "user", exact=True),
        Limit("read", 600, 60, "address"),
        Limit("write", 60, 60, "user"),
        # Comparisons that nobody asked for before; those that are kept count as any read.
        Limit("compare", 20, 60, "address"),
        Limit("auth", 100, 60, "address"),
    )
}
