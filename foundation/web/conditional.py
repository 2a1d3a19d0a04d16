"""Conditional responses: cache headers and 304 for content that never changes."""

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response

FOREVER = "public, max-age=31536000, immutable"


def unchanged_answer(request: HttpRequest, headers: dict[str, str]) -> HttpResponse | None:
    """The short answer to a caller who has these bytes already, with what a cache may keep."""
    full = HttpResponse(headers=headers)
    answer = get_conditional_response(request, etag=headers["ETag"], response=full)
    return None if answer is full else answer
