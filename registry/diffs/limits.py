"""Charge callers for diffs that have to be computed."""

from collections.abc import Iterator
from contextlib import contextmanager

from foundation.actor import Actor
from foundation.limits.middleware import charge_budget, consume_limit
from foundation.web.requests import Request
from registry.diffs.queries import VersionPair

# Share of the CPU budget that distant pairs cannot use, so that a crawler of all pairs does not
# stop the upgrades, which pages link to.
RESERVED_FOR_UPGRADES = 1 / 3


@contextmanager
def charge_diff(request: Request, actor: Actor, pair: VersionPair) -> Iterator[None]:
    """Charge the block's CPU time to the budget of diffs.

    Raises `RateLimited` if the budget is spent. All callers share the budget, because one crawler
    can have many addresses. For fairness an address may also request only a few distant pairs per
    minute.
    """
    with charge_budget("compare", reserve=0 if pair.is_adjacent else RESERVED_FOR_UPGRADES):
        if not pair.is_adjacent:
            consume_limit(request, "compare", actor)
        yield
