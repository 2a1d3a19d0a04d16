"""Reads of anonymous readers from replicas of the database.

A replica is a little behind. So a reader whose network has just written reads the primary, as does
every reader with a session or a key, and a replica that is away or too far behind is not asked.
"""

import time
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from itertools import count
from threading import Lock
from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, Error, connections
from django.db.models import Sum
from django.http import HttpRequest, HttpResponseBase

from foundation.access.address import client_address, hash_address, network_of
from foundation.caching import store
from foundation.caching.models import Revision

# Seconds in which the network of a writer reads the primary.
WRITER_SECONDS = 10
# Seconds that a replica may be behind, and between two looks at it.
MAX_LAG, CHECK_SECONDS = 5.0, 1.0
READING_METHODS = ("GET", "HEAD", "OPTIONS")
# Their views ask about the primary, or about this process.
NOT_READ_FROM_REPLICAS = ("/healthz", "/readyz", "/metrics", "/accounts/", "/admin/", "/signin")

_alias: ContextVar[str | None] = ContextVar("replica", default=None)


class ReplicaRouter:
    """Reads go to the replica of the request, if it has one; writes to the primary."""

    def db_for_read(self, model: type[Any], **hints: Any) -> str:
        return _alias.get() or DEFAULT_DB_ALIAS

    def db_for_write(self, model: type[Any], **hints: Any) -> str:
        # What is read after a write must have it.
        _alias.set(None)
        return DEFAULT_DB_ALIAS

    def allow_relation(self, first: Any, second: Any, **hints: Any) -> bool:
        return True

    def allow_migrate(self, alias: str, app_label: str, **hints: Any) -> bool:
        # A replica is read-only and gets its tables from the primary.
        return alias == DEFAULT_DB_ALIAS


@dataclass
class ReplicaHealth:
    """The replicas that may be read. One of the threads checks them once a second.

    Each visible change increases a revision, so the sum of all revisions tells how current a
    replica is. ``totals`` are sums of the primary with their times, oldest first.
    """

    checked_at: float = 0.0
    healthy: list[str] = field(default_factory=list)
    totals: list[tuple[float, int]] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)
    turns: Any = field(default_factory=count)

    def choose(self) -> str | None:
        """The alias of the next healthy replica, or None."""
        now = time.monotonic()
        # Only one thread checks, and the others use the former result.
        if now - self.checked_at > CHECK_SECONDS and self.lock.acquire(blocking=False):
            try:
                self.checked_at = now
                self._check(now)
            finally:
                self.lock.release()
        healthy = self.healthy
        return healthy[next(self.turns) % len(healthy)] if healthy else None

    def give_up(self, alias: str) -> None:
        """Read no more from a replica until the next check."""
        # A new list, because other threads read the old one without the lock.
        self.healthy = [other_alias for other_alias in self.healthy if other_alias != alias]
        self.checked_at = time.monotonic()

    def _check(self, now: float) -> None:
        total = _total(DEFAULT_DB_ALIAS)
        if total is None:
            # Without the sum of the primary, a replica could be old without a sign of it.
            self.healthy = []
            return
        self.totals.append((now, total))
        # The newest sum that every replica should have by now.
        while len(self.totals) > 1 and self.totals[1][0] <= now - MAX_LAG:
            del self.totals[0]
        least = self.totals[0][1]
        totals = {alias: _total(alias) for alias in settings.REPLICAS}
        self.healthy = [alias for alias, n in totals.items() if n is not None and n >= least]


def _total(alias: str) -> int | None:
    """The sum of all revisions in a database; None if it does not answer."""
    try:
        return int(Revision.objects.using(alias).aggregate(n=Sum("number"))["n"] or 0)
    except Error:
        # A broken connection would fail again at the next check.
        connections[alias].close()
        return None


health = ReplicaHealth()


class ReplicaMiddleware:
    """Chooses the database that a request reads.

    An answer that failed with a replica is made again with the primary: reading twice is harmless.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method not in READING_METHODS:
            response = self.get_response(request)
            # After the answer, because only then the write is committed; the network stands for a
            # client without a cookie.
            store.write("default", _writer_key(request), time.time())
            return response
        alias = health.choose() if _may_read_replica(request) else None
        if alias is None:
            return self.get_response(request)
        token = _alias.set(alias)
        try:
            response = self.get_response(request)
        finally:
            _alias.reset(token)
        # Only if the replica is silent: an error of our own would just happen twice.
        if response.status_code in (500, 503) and _total(alias) is None:
            health.give_up(alias)
            return self.get_response(request)
        return response


def _may_read_replica(request: HttpRequest) -> bool:
    is_known = settings.SESSION_COOKIE_NAME in request.COOKIES or "Authorization" in request.headers
    if is_known or request.path.startswith(NOT_READ_FROM_REPLICAS):
        return False
    wrote_at = store.read("default", _writer_key(request)) or 0.0
    # Without the cache, nothing tells who has written.
    return time.time() - wrote_at > WRITER_SECONDS and not store.is_away()


def _writer_key(request: HttpRequest) -> str:
    return f"writer:{hash_address(network_of(client_address(request.META)))}"
