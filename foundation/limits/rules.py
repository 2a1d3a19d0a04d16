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
