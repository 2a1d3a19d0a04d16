"""Compression of public pages."""

import re

from django.http import HttpRequest, HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils.cache import patch_vary_headers

# Django takes "gzip;q=0" for a wish; it is a refusal.
_GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))")


def accepts_gzip(request: HttpRequest) -> bool:
    """Whether the client named gzip, and not only to refuse it."""
    return _GZIP.search(request.META.get("HTTP_ACCEPT_ENCODING", "")) is not None


class PublicPageGZipMiddleware(GZipMiddleware):
    """Compresses pages that are the same for all users, and nothing else.

    A personal page holds secrets (the token of its forms) beside text that an attacker can choose,
    and the length of what is compressed betrays secrets little by little (BREACH). Django's random
    padding slows that attack down and does not end it. JSON and packages are left as they are:
    compressing them would cost more time than it saves.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if not _is_public_page(response):
            return response
        if not accepts_gzip(request):
            patch_vary_headers(response, ("Accept-Encoding",))
            return response
        return super().process_response(request, response)


def _is_public_page(response: HttpResponseBase) -> bool:
    is_page = response.headers.get("Content-Type", "").startswith("text/html")
    return is_page and "public" in response.headers.get("Cache-Control", "")
