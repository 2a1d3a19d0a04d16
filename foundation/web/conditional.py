"""Conditional responses: ETags, and 304 for unchanged content."""

from hashlib import blake2b

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.http import ConditionalGetMiddleware
from django.utils.cache import get_conditional_response, patch_vary_headers

from foundation.web.compression import varies_by_encoding

CONDITIONS = frozenset(
    {"HTTP_IF_MATCH", "HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_IF_UNMODIFIED_SINCE"}
)
IMMUTABLE_CACHE_CONTROL = "public, max-age=31536000, immutable"


class PublicConditionalGetMiddleware(ConditionalGetMiddleware):
    """Django's middleware, without ETags for personal responses.

    A personal page holds a token that differs each time, so its ETag would never match.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if request.method != "GET":
            return response
        if "ETag" not in response.headers and _is_shared(response):
            _set_etag(response)
        # Here, so that a 304 says it, too.
        if varies_by_encoding(response):
            patch_vary_headers(response, ("Accept-Encoding",))
        # Most requests state no condition, so Django need not look for one in each response.
        if CONDITIONS.isdisjoint(request.META):
            return response
        return super().process_response(request, response)

    def needs_etag(self, response: HttpResponseBase) -> bool:
        return _is_shared(response)


def _set_etag(response: HttpResponseBase) -> None:
    if isinstance(response, HttpResponse) and response.content:
        # Weak, because a proxy may compress the content; Django's MD5 takes twice the time.
        content_digest = blake2b(response.content, digest_size=12).hexdigest()
        response.headers["ETag"] = f'W/"{content_digest}"'


def _is_shared(response: HttpResponseBase) -> bool:
    header = response.headers.get("Cache-Control", "")
    return "public" in header and "no-store" not in header


def unchanged_answer(request: HttpRequest, headers: dict[str, str]) -> HttpResponse | None:
    """A 304 for a client that has the content of this ETag; None for any other.

    ``headers`` are those of the full response, ETag included.
    """
    full = HttpResponse(headers=headers)
    response = get_conditional_response(request, etag=headers["ETag"], response=full)
    return None if response is full else response
