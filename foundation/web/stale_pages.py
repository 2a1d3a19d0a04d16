"""Cached pages that are shown for a while without the database (ADR 27)."""

import gzip
import threading
from collections import OrderedDict
from time import monotonic

from django.http import HttpResponse
from django.template.loader import render_to_string

# Seconds since the database last confirmed a page. A takedown through another process than this one
# must not be shown for longer.
LONGEST_AGE = 300
# Of addresses. The pages themselves are in the cache.
REMEMBERED_PAGES = 2000
NOTICE = "components/stale_notice.html"


class ConfirmedPages:
    """The key of each address in the cache of pages, and when it was confirmed."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._pages: OrderedDict[str, tuple[str, float]] = OrderedDict()
        self._lock = threading.Lock()

    def confirm(self, address: str, key: str) -> None:
        """Record that the database has just said that this page is the right one."""
        with self._lock:
            self._pages[address] = (key, monotonic())
            self._pages.move_to_end(address)
            while len(self._pages) > self._size:
                self._pages.popitem(last=False)

    def find(self, address: str) -> tuple[str, int] | None:
        """The key of the page and its age in seconds; None if it is unknown or too old."""
        with self._lock:
            key, confirmed_at = self._pages.get(address, ("", 0.0))
        age = monotonic() - confirmed_at
        return (key, int(age)) if key and age < LONGEST_AGE else None

    def forget(self, address: str) -> None:
        with self._lock:
            self._pages.pop(address, None)

    def clear(self) -> None:
        with self._lock:
            self._pages.clear()


def stale_response(content: bytes, headers: dict[str, str], *, age: int) -> HttpResponse:
    """A page of the cache that says how old it is, and that no other cache keeps."""
    if headers.get("Content-Encoding") == "gzip":
        content = gzip.decompress(content)
    content_type = headers.get("Content-Type", "text/html; charset=utf-8")
    if content_type.startswith("text/html"):
        notice = render_to_string(NOTICE, {"minutes": age // 60 + 1}).encode()
        # At the beginning of the main part; a page without one is left as it is.
        place = content.find(b">", content.find(b"<main")) + 1
        content = content[:place] + notice + content[place:] if b"<main" in content else content
    return HttpResponse(
        content,
        content_type=content_type,
        headers={
            "Age": str(age),
            "Cache-Control": "no-store",
            # Deprecated, but the only header that says it.
            "Warning": '110 - "Response is Stale"',
            "Vary": headers.get("Vary", ""),
        },
    )
