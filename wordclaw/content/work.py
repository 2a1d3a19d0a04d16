"""Limits the processor time of writes: of a request, an account, all together.

A schema with many conditions makes the check of an item take a tenth of a second, and a request may
write a hundred items. A form of thousands of fields takes two seconds, although nothing is saved.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import wraps
from math import ceil
from time import thread_time
from typing import Any, ParamSpec, TypeVar

from django.conf import settings

from foundation.actor import Actor
from foundation.limits.actions import count_use
from foundation.limits.budgets import charged_to, cpu_budget
from foundation.limits.declarations import get_limit
from wordclaw.content.errors import ContentTooCostly

P = ParamSpec("P")
R = TypeVar("R")
CONTENT_WORK = "content_work"
"""The name of the limit of an account, in milliseconds, and of the budget of all."""
REQUEST_SECONDS = 2.0
HEAVY_USE = 10_000
"""Milliseconds of a caller from which on it leaves a part of the budget to others."""
RESERVED_FOR_OTHERS = 1 / 3


@dataclass(frozen=True, slots=True)
class ContentWork:
    """The writes of one request."""

    # Processor time of this thread: other requests must not make a write fail.
    begin: float = field(default_factory=thread_time)

    @property
    def seconds(self) -> float:
        return thread_time() - self.begin

    def require_time(self) -> None:
        """Raise ContentTooCostly if the request has used up its time."""
        if self.seconds > REQUEST_SECONDS:
            raise ContentTooCostly


_work: ContextVar[ContentWork | None] = ContextVar("content_work", default=None)


@contextmanager
def charged_work(by: Actor) -> Iterator[ContentWork]:
    """Charge the processor time inside to the account and to the budget of all.

    Inside of another block it belongs to that one. Raises RateLimited if the account or all
    together have used up theirs.
    """
    outer_work = _work.get()
    if outer_work is not None:
        yield outer_work
        return
    _require_share(by)
    work = ContentWork()
    token = _work.set(work)
    try:
        with charged_to(CONTENT_WORK):
            yield work
    finally:
        _work.reset(token)
        _count(by, milliseconds=ceil(1000 * work.seconds))


def charged(action: "Callable[P, R]") -> "Callable[P, R]":
    """Refuse and charge an action as `charged_work` does, by its argument ``by``."""

    @wraps(action)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        by: Any = kwargs["by"]
        with charged_work(by):
            return action(*args, **kwargs)

    return run


def require_time() -> None:
    """Raise ContentTooCostly if the writes of this request have used up its time."""
    work = _work.get()
    if work is not None:
        work.require_time()


def _require_share(by: Actor) -> None:
    if not settings.LIMITS_ON or not _caller(by):
        return
    used_units = _count(by, milliseconds=0)
    # Strangers come from as many networks as they like, so they never get the last third.
    leaves_rest = used_units > HEAVY_USE or not by.is_known
    reserve = RESERVED_FOR_OTHERS if leaves_rest else 0.0
    cpu_budget(CONTENT_WORK).require_available(reserve=reserve)


def _caller(by: Actor) -> str:
    """The account or the network that pays; "" for migrations and commands."""
    if by.user_id is not None:
        return f"user:{by.user_id}"
    return f"network:{by.address_hash}" if by.address_hash else ""


def _count(by: Actor, *, milliseconds: int) -> int:
    """Add to the time of a caller and return it. Raises RateLimited."""
    caller = _caller(by)
    if not settings.LIMITS_ON or not caller:
        return 0
    usage = count_use(get_limit(CONTENT_WORK), caller, cost=milliseconds)
    if not milliseconds:
        usage.require_within_limit()
    return usage.used_units
