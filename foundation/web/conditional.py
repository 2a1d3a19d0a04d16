"""Conditional responses: ETags, and 304 for unchanged content."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.http import ConditionalGetMiddleware
from django.utils.cache import get_conditional_response

FOREVER = "public, max-age=31536000, immutable"


class PublicConditionalGetMiddleware(ConditionalGetMiddleware):
    """Django's middleware, without ETags for personal responses.

    A personal page holds a token that differs each time, so its ETag would never match.
    """

    def needs_etag(self, response: HttpResponseBase) -> bool:
        is_public = "public" in response.headers.get("Cache-Control", "")
        return is_public and bool(super().needs_etag(response))


def unchanged_answer(request: HttpRequest, headers: dict[str, str]) -> HttpResponse | None:
    """A 304 for a client that has the content of this ETag; None for any other.

    ``headers`` are those of the full response, ETag included.
    """
    full = HttpResponse(headers=headers)
    response = get_conditional_response(request, etag=headers["ETag"], response=full)
    return None if response is full else response
