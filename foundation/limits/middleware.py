"""Limits at the doors: a throttle for the JSON API, a decorator for pages, headers for both."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja.throttling import BaseThrottle

from foundation.actor import Actor
from foundation.limits.actions import Standing, take
from foundation.limits.budgets import PURSES, spending
from foundation.limits.rules import LIMITS
from foundation.web.requests import View


def consume_limit(request: HttpRequest, name: str, actor: Actor) -> None:
    """Count one use of the named limit; refuses when it is used up."""
    if not settings.LIMITS_ON:
        return
    limit = LIMITS[name]
    per_user = limit.per == "user" and actor.user is not None
    caller = f"user:{actor.user_id}" if per_user else f"address:{actor.address_hash}"
    standing = take(limit, caller)
    request.limit_standing = standing  # type: ignore[attr-defined]
    standing.refuse_overdrawn()


@contextmanager
def charge_budget(name: str, *, leaving: float = 0.0) -> Iterator[None]:
    """What happens inside is paid for from the named budget, which all callers share. Refuses
    before where it is spent, but for the share that is left to others."""
    if settings.LIMITS_ON:
        PURSES[name].refuse_when_spent(leaving=leaving)
    with spending(name):
        yield


class Limited(BaseThrottle):
    """For an API operation: ``throttle=[Limited("publish")]``; runs before the body is read."""

    def __init__(self, name: str) -> None:
        self.name = name

    def allow_request(self, request: HttpRequest) -> bool:
        consume_limit(request, self.name, request.auth)  # type: ignore[attr-defined]
        return True


def limited(
    name: str, *, methods: tuple[str, ...] = ("POST", "PUT", "DELETE")
) -> Callable[[View], View]:
    """For a page: ``@limited("review")``. Counts only the methods that do something."""

    def decorate(view: View) -> View:
        @wraps(view)
        def counted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method in methods:
                consume_limit(request, name, request.actor)  # type: ignore[attr-defined]
            return view(request, *args, **kwargs)

        return counted

    return decorate


class LimitHeadersMiddleware:
    """Tells every counted caller where it stands: ``RateLimit-*``."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        standing: Standing | None = getattr(request, "limit_standing", None)
        if standing is not None:
            response["RateLimit-Limit"] = str(standing.limit.allowed)
            response["RateLimit-Remaining"] = str(standing.remaining)
            response["RateLimit-Reset"] = str(standing.reset)
        return response
