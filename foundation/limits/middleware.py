"""Limits of requests: an API throttle, a page decorator, headers for both."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from math import ceil
from time import monotonic
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from ninja.throttling import BaseThrottle

from foundation.access.address import (
    client_address,
    hash_address,
    limit_network,
    network_of,
)
from foundation.actor import Actor
from foundation.limits.actions import LimitUsage, count_use
from foundation.limits.budgets import charged_to, cpu_budget
from foundation.limits.declarations import get_limit
from foundation.web.requests import GetResponse, View

# Usual work takes less, also on a busy machine.
FREE_SECONDS = 0.2
USES_PER_SECOND = 60


def consume_limit(request: HttpRequest, name: str, actor: Actor) -> None:
    """Count one use of the named limit. Raises RateLimited if it is used up."""
    if not settings.LIMITS_ON:
        return
    limit = get_limit(name)
    # By user where there is one, so that colleagues behind one address do not use up each other's
    # limit.
    per_user = limit.per == "user" and actor.user is not None
    usage = count_use(limit, f"user:{actor.user_id}" if per_user else caller_network(request))
    request.limit_usage = usage  # type: ignore[attr-defined]
    usage.require_within_limit()


def caller_network(request: HttpRequest) -> str:
    """The hashed network of the client; its uses are counted together."""
    # Hashed, because counters are stored and an address is personal data.
    return f"network:{hash_address(limit_network(client_address(request.META)))}"


def caller_customer(request: HttpRequest) -> str:
    """The hashed network of one customer of a provider: 48 bits of IPv6.

    For what all callers share: a customer has many of the networks that `caller_network` counts.
    """
    return f"customer:{hash_address(network_of(client_address(request.META)))}"


def count_page(request: HttpRequest, *, cost: int) -> LimitUsage:
    """Count a page as uses of the limit ``page``. Does not refuse by itself."""
    return count_use(get_limit("page"), caller_network(request), cost=cost)


@contextmanager
def charged_by_time(request: HttpRequest, name: str) -> Iterator[None]:
    """Count long work inside the block as further uses of the named limit, by network.

    For work of the database, whose processor time this process cannot measure.
    """
    start = monotonic()
    try:
        yield
    finally:
        seconds = monotonic() - start - FREE_SECONDS
        if settings.LIMITS_ON and seconds > 0:
            cost = ceil(seconds * USES_PER_SECOND)
            count_use(get_limit(name), caller_network(request), cost=cost)


@contextmanager
def charge_budget(name: str, *, reserve: float = 0.0) -> Iterator[None]:
    """Charge the work inside the block to the named budget.

    Raises RateLimited before the work if nothing remains above ``reserve``, a share of the budget
    that is kept for other callers.
    """
    if settings.LIMITS_ON:
        cpu_budget(name).require_available(reserve=reserve)
    with charged_to(name):
        yield


class Limited(BaseThrottle):
    """Limits an API operation before its body is read: ``Limited("publish")``.

    Raises UnknownLimit.
    """

    def __init__(self, name: str) -> None:
        # Looked up at the start of the process, so that a misspelled limit stops it.
        self.name = get_limit(name).name

    def allow_request(self, request: HttpRequest) -> bool:
        consume_limit(request, self.name, request.auth)  # type: ignore[attr-defined]
        return True


def limited(
    name: str, *, methods: tuple[str, ...] = ("POST", "PUT", "DELETE")
) -> Callable[[View], View]:
    """Limit requests to a page with these methods: ``@limited("review")``.

    Raises UnknownLimit.
    """
    get_limit(name)

    def decorate(view: View) -> View:
        @wraps(view)
        def limited_view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method in methods:
                consume_limit(request, name, request.actor)  # type: ignore[attr-defined]
            return view(request, *args, **kwargs)

        return limited_view

    return decorate


class LimitHeadersMiddleware:
    """Adds ``RateLimit-*`` headers to the response of every counted request."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        usage: LimitUsage | None = getattr(request, "limit_usage", None)
        if usage is not None:
            response["RateLimit-Limit"] = str(usage.limit.max_units)
            response["RateLimit-Remaining"] = str(usage.remaining)
            response["RateLimit-Reset"] = str(usage.reset)
        return response
