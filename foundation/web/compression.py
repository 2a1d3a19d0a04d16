"""Compression of public pages and of large public data."""

import gzip
import re

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils.cache import patch_vary_headers

# Django takes "gzip;q=0" for a wish; it is a refusal.
_GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))", re.IGNORECASE)
_PAGE = "text/html"
_DATA = ("application/json", "application/atom+xml", "application/xml", "text/plain")
MIN_DATA_BYTES = 4 * 1024
"""Smaller data fits into few packets, and compressing it costs more time than it saves."""
# Level 6 takes half as long again for two hundredths of the size.
_LEVEL = 4


def accepts_gzip(request: HttpRequest) -> bool:
    """Whether the client named gzip, and not only to refuse it."""
    return _GZIP.search(request.META.get("HTTP_ACCEPT_ENCODING", "")) is not None


class PublicGZipMiddleware(GZipMiddleware):
    """Compresses pages and data that are the same for all users, and nothing else.

    A personal page holds secrets (the token of its forms) beside text that an attacker can choose,
    and the length of what is compressed betrays secrets little by little (BREACH). Django's random
    padding slows that attack down and does not end it. Packages and files of packages are sent as
    they are: clients compare their digests.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if not varies_by_encoding(response):
            return response
        patch_vary_headers(response, ("Accept-Encoding",))
        if not accepts_gzip(request) or "Content-Encoding" in response.headers:
            return response
        if _has_type(response, (_PAGE,)):
            return super().process_response(request, response)
        if isinstance(response, HttpResponse) and len(response.content) >= MIN_DATA_BYTES:
            response.content = gzip.compress(response.content, _LEVEL, mtime=0)
            response.headers["Content-Length"] = str(len(response.content))
            response.headers["Content-Encoding"] = "gzip"
        return response


def varies_by_encoding(response: HttpResponseBase) -> bool:
    """Whether a client that accepts gzip may get other bytes.

    Data has a weak ETag: a strong one promises the same bytes to each client.
    """
    if "public" not in response.headers.get("Cache-Control", ""):
        return False
    is_weak = response.headers.get("ETag", "").startswith("W/")
    return _has_type(response, (_PAGE,)) or (is_weak and _has_type(response, _DATA))


def _has_type(response: HttpResponseBase, types: tuple[str, ...]) -> bool:
    return response.headers.get("Content-Type", "").startswith(types)
