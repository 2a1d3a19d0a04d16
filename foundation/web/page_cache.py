"""Cache of anonymous pages, validated on each request by revisions.

A view states what its page depends on, beside its name::

    @cached_page(revision=agent_revision)
    def agent(request, scope, name): ...

The ETag of the page is a digest of the request and the revision, so a client that has the page is
answered without building it, and an outdated page is never sent (ADR 19). Only while the database
is away, the last page is sent for some minutes, and says so (ADR 27).
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import wraps
from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language

from foundation.caching import store
from foundation.caching.values import digest
from foundation.clock import today
from foundation.web.absence import database_absence, refuse_without_database
from foundation.web.anonymous import SHARED_CACHE_CONTROL, is_anonymous
from foundation.web.compression import PublicGZipMiddleware, accepts_gzip
from foundation.web.conditional import unchanged_answer
from foundation.web.htmx import is_htmx
from foundation.web.requests import View
from foundation.web.stale_pages import REMEMBERED_PAGES, ConfirmedPages, stale_response

CACHE = "pages"
LONGEST_ADDRESS = 500
# Requests that a process remembers, to tell which pages are asked for more than once.
REMEMBERED_REQUESTS = 4000
# Seconds to wait for another thread that builds the same page; then it is built here as well.
LONGEST_WAIT = 10.0

PageRevision = Callable[..., object]
Built = tuple[HttpResponse, "CachedPage | None"]


@dataclass(frozen=True, slots=True)
class Variation:
    """A request header that a view reads, reduced to what makes a difference.

    ``read`` returns it. A header with many values for the same page, such as Accept-Language,
    would fill the cache with copies.
    """

    header: str
    read: Callable[[HttpRequest], object]


@dataclass(frozen=True, slots=True)
class CachedPage:
    """A page as it is sent, compressed or not."""

    content: bytes
    headers: dict[str, str]

    def response(self) -> HttpResponse:
        return HttpResponse(self.content, headers=self.headers)


def cached_page(
    *, revision: PageRevision, vary: Sequence[Variation] = ()
) -> Callable[[View], View]:
    """Cache the pages of a view for anonymous readers.

    ``revision(request, **kwargs)`` is called with the arguments of the view. It gives the revisions
    of all that the page shows, or None where the page is not to be cached. ``vary`` are the request
    headers that the view reads. A new day is a new page, since pages say *today*.

    Decorators that set something on the response belong outside of this one.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def cached(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not _may_cache(request):
                response = view(request, *args, **kwargs)
                patch_vary_headers(response, [variation.header for variation in vary])
                return response
            address = _address(request, vary)
            try:
                refuse_without_database()
                page_revision = revision(request, *args, **kwargs)
            except Exception as error:
                stale = _stale_page(request, address) if database_absence(error) else None
                if stale is None:
                    _confirmed_pages.forget(address)
                    raise
                return stale
            # Whatever the view answers now replaces the page from before.
            _confirmed_pages.forget(address)
            if page_revision is None:
                return view(request, *args, **kwargs)
            page = _RequestedPage(request, vary, address, page_revision)
            return page.unchanged() or page.read() or page.build(view, args, kwargs)

        cached.page_revision = revision  # type: ignore[attr-defined]
        return cached

    return decorate


def is_cached_view(view: Callable[..., object]) -> bool:
    """Whether a view, or one that it wraps, is decorated with `cached_page`."""
    return hasattr(view, "page_revision")


def _may_cache(request: HttpRequest) -> bool:
    return (
        settings.KEEP_PAGES
        and request.method in ("GET", "HEAD")
        and len(request.get_full_path()) <= LONGEST_ADDRESS
        # A charset in a header would make other text of the same address.
        and request.encoding is None
        and is_anonymous(request)
    )


def _address(request: HttpRequest, vary: Sequence[Variation]) -> str:
    """Digest of all of a request that an anonymous page may depend on."""
    return digest(
        request.scheme,
        # One of ALLOWED_HOSTS.
        request.get_host(),
        request.get_full_path(),
        get_language(),
        # Any view may answer htmx with a part of its page.
        _htmx_headers(request) if is_htmx(request) else None,
        [variation.read(request) for variation in vary],
    )


def _stale_page(request: HttpRequest, address: str) -> HttpResponse | None:
    """The last page of an address, while the database cannot say whether it changed."""
    # A part of a page has no place for the notice.
    entry = None if is_htmx(request) else _confirmed_pages.find(address)
    if entry is None:
        return None
    key, age = entry
    page: CachedPage | None = store.read(CACHE, key)
    return stale_response(page.content, page.headers, age=age) if page else None


class _RequestedPage:
    """The page that a request asks for, at one revision."""

    def __init__(
        self, request: HttpRequest, vary: Sequence[Variation], address: str, revision: object
    ) -> None:
        self.request = request
        self.address = address
        version = digest(address, today(), revision)
        self.key = f"{version}.gzip" if accepts_gzip(request) else version
        self.headers = {
            # Weak, because one page is sent compressed and uncompressed.
            "ETag": f'W/"{version}"',
            "Cache-Control": SHARED_CACHE_CONTROL,
            "Vary": ", ".join(["Accept-Encoding", "HX-Request", *(v.header for v in vary)]),
        }

    def unchanged(self) -> HttpResponse | None:
        """A 304, if the client has this very page."""
        if "HTTP_IF_NONE_MATCH" not in self.request.META:
            return None
        answer = unchanged_answer(self.request, self.headers)
        if answer is not None:
            _confirmed_pages.confirm(self.address, self.key)
        return answer

    def read(self) -> HttpResponse | None:
        """The page from the cache; None where it is not there."""
        page: CachedPage | None = store.read(CACHE, self.key)
        if page is None:
            return None
        _confirmed_pages.confirm(self.address, self.key)
        return page.response()

    def build(self, view: View, args: Any, kwargs: Any) -> HttpResponse:
        """The page from the view; cached if it was asked for before."""

        def run_view() -> Built:
            response = view(self.request, *args, **kwargs)
            return (
                self._finish(response)
                if _is_cacheable(self.request, response)
                else (response, None)
            )

        if not _requests.is_repeated(self.address):
            return run_view()[0]
        return _builders.run(self.key, run_view)

    def _finish(self, response: HttpResponse) -> Built:
        for name, value in self.headers.items():
            response.headers[name] = value
        response = cast(HttpResponse, _gzip.process_response(self.request, response))
        page = CachedPage(response.content, dict(response.headers.items()))
        _confirmed_pages.confirm(self.address, self.key)
        return response, page


def _htmx_headers(request: HttpRequest) -> list[tuple[str, str]]:
    return sorted(
        (name, value) for name, value in request.headers.items() if name.startswith("Hx-")
    )


def _is_cacheable(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Whether a response is the same for all users, as far as the view tells."""
    session = getattr(request, "session", None)
    return (
        isinstance(response, HttpResponse)
        and response.status_code == 200
        and getattr(response, "is_rendered", True)
        and not response.cookies
        # A header of the view's own may be meant for one reader.
        and all(name == "Content-Type" or name.startswith("HX-") for name in response.headers)
        # The token of a form, or something for the next page, is for one reader.
        and "CSRF_COOKIE_NEEDS_UPDATE" not in request.META
        and not (session is not None and session.modified)
    )


class RequestMemory:
    """Tells what is asked for again from what is asked for once.

    Only the former is worth caching, and a flood of invented addresses displaces nothing.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._requests: OrderedDict[str, None] = OrderedDict()
        self._lock = threading.Lock()

    def is_repeated(self, address: str) -> bool:
        with self._lock:
            is_repeated = address in self._requests
            self._requests[address] = None
            self._requests.move_to_end(address)
            while len(self._requests) > self._size:
                self._requests.popitem(last=False)
        return is_repeated

    def clear(self) -> None:
        with self._lock:
            self._requests.clear()


class PageBuilders:
    """Lets one thread build a page for all that request it at once.

    All request the same revision, so the page is right for each of them.
    """

    def __init__(self) -> None:
        self._pages: dict[str, Future[CachedPage | None]] = {}
        self._lock = threading.Lock()

    def run(self, key: str, build: Callable[[], Built]) -> HttpResponse:
        """Build and cache a page, or take it from the thread that is building it."""
        with self._lock:
            other_builder = self._pages.get(key)
            if other_builder is None:
                own: Future[CachedPage | None] = Future()
                self._pages[key] = own
        if other_builder is not None:
            page = _wait_for(other_builder)
            return page.response() if page else build()[0]
        page = None
        try:
            response, page = build()
            if page is not None:
                store.write(CACHE, key, page)
            return response
        finally:
            with self._lock:
                del self._pages[key]
            own.set_result(page)


def _wait_for(page: "Future[CachedPage | None]") -> CachedPage | None:
    try:
        return page.result(LONGEST_WAIT)
    except TimeoutError:
        return None


_requests = RequestMemory(REMEMBERED_REQUESTS)
_builders = PageBuilders()
_confirmed_pages = ConfirmedPages(REMEMBERED_PAGES)
_gzip = PublicGZipMiddleware(lambda request: HttpResponse())


def forget_requests() -> None:
    """Take every request for the first one, as a new process does."""
    _requests.clear()
    _confirmed_pages.clear()
