"""The read limit of pages and feeds, counted by network."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from clawstore.web.middleware import refusal_response, wants_json
from foundation.limits.errors import RateLimited
from foundation.limits.middleware import count_page
from foundation.web.requests import GetResponse

# A search costs more than a page, and its many different texts are rarely in a cache.
SEARCH_COST = 5
# A page that shows many of these must not cost as many pages.
PICTURES = (".png", ".svg", ".ico", ".webp")
NOT_COUNTED = frozenset({"draft_asset", "robots", "opensearch"})
# A caller so many times over the limit gets an answer that costs next to nothing.
SHORT_ANSWER_FROM = 2


class PageLimitMiddleware:
    """Refuses a network that reads more pages than its limit allows.

    The API has limits of its own, and forms those of their views.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if not is_counted(request):
            return None
        return limit_page(request, cost=SEARCH_COST if is_search(request) else 1)


def limit_page(request: HttpRequest, *, cost: int) -> HttpResponse | None:
    """Count a page; returns the refusal if the network has read too many."""
    if not settings.LIMITS_ON:
        return None
    usage = count_page(request, cost=cost)
    try:
        usage.require_within_limit()
    except RateLimited as refusal:
        if usage.used_units > SHORT_ANSWER_FROM * usage.limit.max_units:
            # The usual page of a refusal asks the database, so an attack would go on to cost as
            # much as pages.
            return short_answer(refusal)
        return refusal_response(request, refusal)
    return None


def is_counted(request: HttpRequest) -> bool:
    match = request.resolver_match
    return (
        request.method in ("GET", "HEAD")
        and match is not None
        and not wants_json(request)
        and not match.route.endswith(PICTURES)
        and match.url_name not in NOT_COUNTED
    )


def is_search(request: HttpRequest) -> bool:
    return "q=" in request.META.get("QUERY_STRING", "")


def short_answer(refusal: RateLimited) -> HttpResponse:
    headers = {"Retry-After": str(refusal.details["retry_after"]), "Cache-Control": "no-store"}
    return HttpResponse(refusal.message, status=429, content_type="text/plain", headers=headers)
