"""Every cached page equals the uncached one after any write, in every process."""

import difflib
import functools
import gc
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.http import HttpResponse
from django.test import Client
from django.test.utils import override_settings
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from foundation.caching import store
from foundation.caching.local_memory import BoundedLocalMemoryCache
from foundation.web import page_cache
from foundation.web.page_cache import is_cached_view
from tests.support.visible_writes import OWNERS, Shop, random_history

pytestmark = pytest.mark.once

AGENT = {"scope": "ada", "name": "coach"}
PAIR = "id=@ada/coach&id=@lin/coach"
PARAMETERS: dict[str, list[str]] = {
    "scope": list(OWNERS),
    "name": ["coach"],
    "version": ["1.0.0", "1.1.0"],
    "path": ["agent.json"],
    "old": ["1.0.0"],
    "new": ["1.1.0"],
    "login": ["ada", "lin", "grace"],
    "chapter": ["terms", "content"],
    "number": ["1"],
    "earlier": ["1"],
    "later": ["2"],
    "slug": ["first"],
}
QUERIES = [
    *("", "q=coach", "q=choach", "q=words", "sort=downloads", "sort=downloads-30d"),
    *("sort=rating", "sort=name", "q=words&sort=rating", "tag=music", "category=other"),
    *("channel=beta", "page=2", "id=@ada/coach", PAIR, "view=source", "days=90"),
]
RANDOM_PAGES_A_STEP = 4
COMPILED = ("<class 'foundation.compiled_", "foundation.compiled_")
# A cached page also varies by the headers of htmx.
SENT_ALONE = {"X-Request-ID", "ETag", "Vary"}


def routes() -> list[tuple[str, list[str]]]:
    """The name and the parameters of every route whose view is cached."""

    def walk(resolver: URLResolver) -> Iterator[tuple[str, list[str]]]:
        for pattern in resolver.url_patterns:
            if isinstance(pattern, URLResolver):
                yield from walk(pattern)
            elif isinstance(pattern, URLPattern) and is_cached_view(pattern.callback):
                yield str(pattern.name), list(pattern.pattern.converters)

    return list(walk(get_resolver()))


def addresses() -> list[str]:
    """Every cached route with every sample of its parameters, and with every query."""
    paths = []
    for name, parameters in routes():
        for number in range(max([len(PARAMETERS[p]) for p in parameters], default=1)):
            values = {p: PARAMETERS[p][number % len(PARAMETERS[p])] for p in parameters}
            path = reverse(name, kwargs=values)
            queries = QUERIES if not parameters else ["", "page=2", "view=source", "days=90"]
            paths += [f"{path}?{query}" if query else path for query in queries]
    return paths


def first_addresses() -> list[str]:
    """The first sample of every cached route."""
    return [
        reverse(name, kwargs={p: PARAMETERS[p][0] for p in parameters})
        for name, parameters in routes()
    ]


def test_samples_cover_every_cached_route() -> None:
    names = {name for name, _ in routes()}

    assert {"home", "browse", "agent", "version", "file", "changes", "reviews", "person"} <= names
    assert {"policy_version", "guides", "collections_page"} <= names
    assert {name for _, parameters in routes() for name in parameters} == PARAMETERS.keys()


@dataclass
class Process:
    """A web process with its own caches; ``copies`` are the pages of one reader."""

    caches: dict[str, BoundedLocalMemoryCache]
    copies: dict[str, tuple[str, bytes]] = field(default_factory=dict)

    @classmethod
    def start(cls, name: str) -> "Process":
        caches = {
            alias: BoundedLocalMemoryCache(f"{name} {alias}", {})
            for alias in django_settings.CACHES
        }
        for cache in caches.values():
            cache.clear()
        return cls(caches)

    @contextmanager
    def answers(self, *, keep_pages: bool = True) -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch, override_settings(KEEP_PAGES=keep_pages):
            patch.setattr(store, "caches", self.caches)
            patch.setattr(page_cache._requests, "is_repeated", lambda address: True)
            yield

    def ask_again(self, visitor: Client, address: str, fresh: HttpResponse) -> str:
        """Ask like a reader who has a copy; what is wrong with the answer, or nothing."""
        etag, copy = self.copies.get(address, ("", b""))
        answer = visitor.get(address, headers={"If-None-Match": etag} if etag else {})
        if answer.status_code == 304:
            return "" if copy == fresh.content else "is 304 although it has changed"
        if answer.status_code == 200:
            self.copies[address] = answer["ETag"], answer.content
        if sent(answer) == sent(fresh):
            return ""
        lines = difflib.unified_diff(*(a.content.decode().split("\n") for a in (fresh, answer)))
        return f"is out of date: {sent(answer)[::2]} {sent(fresh)[::2]} {list(lines)[3:20]}"


def sent(response: HttpResponse) -> tuple[int, bytes, dict[str, str]]:
    headers = {k: v for k, v in response.headers.items() if k not in SENT_ALONE}
    return response.status_code, response.content, headers


def project_memories() -> list[Any]:
    """Memoised functions of the project, which could hide an outdated page.

    Compiled queries keep their SQL and never a result.
    """
    packages = ("clawstore", "foundation", "profiles", "registry", "reviews", "moderation")
    return [
        memory
        for memory in gc.get_objects()
        if type(memory) is functools._lru_cache_wrapper
        and str(memory.__module__).startswith(packages)
        and not str(memory.__annotations__.get("return")).startswith(COMPILED)
    ]


@pytest.mark.django_db
def test_cached_page_equals_the_page_built_anew(storage_folder: Path) -> None:
    shop = Shop(0)
    pages, memories = addresses(), project_memories()
    processes = [Process.start("first"), Process.start("second")]
    history: list[str] = []
    # A page can be outdated only if it was asked for before a write and after it. So each step asks
    # for the same page of every route, and each kind of write comes once.
    asked_always = first_addresses()
    # Pages set no cookies, and each new client loads the middleware again.
    visitor = Client()
    for write in [*random_history(0), "trend"]:
        sample = asked_always + shop.random.sample(pages, RANDOM_PAGES_A_STEP)
        with Process.start("fresh").answers(keep_pages=False):
            for memory in memories:
                memory.cache_clear()
            # The first request for a diff stores it, which changes other pages.
            for address in sample:
                if "/changes" in address:
                    visitor.get(address)
            fresh = {address: visitor.get(address) for address in sample}
        wrong = []
        # The second process gets fewer requests, so its copies are older.
        for process in processes if shop.random.random() < 0.3 else processes[:1]:
            with process.answers():
                for address in sample:
                    # The answer that is built is cached, and asked for in the next step.
                    if problem := process.ask_again(visitor, address, fresh[address]):
                        wrong.append(f"{address} {problem}")
        assert wrong == [], history[-6:]
        history.append(shop.perform(write))


# Headers that a client or a proxy may send. The code or a library reads these, so each is sent
# alone or with the header that gives it an effect: together, one could hide the effect of another.
HOSTILE_HEADERS: list[dict[str, str]] = [
    {"SCRIPT_NAME": "/hostile"},
    {"CONTENT_TYPE": "text/html; charset=latin-1"},
    {"HTTP_ACCEPT": "application/json"},
    {"HTTP_ACCEPT_ENCODING": "identity"},
    {"HTTP_ACCEPT_LANGUAGE": "ar"},
    {"HTTP_COOKIE": "theme=hostile; language=ar"},
    {"HTTP_HOST": "localhost:81"},
    {"HTTP_HX_REQUEST": "true"},
    {"HTTP_X_FORWARDED_FOR": "192.0.2.1"},
    {"HTTP_X_FORWARDED_HOST": "hostile.example"},
    {"HTTP_X_FORWARDED_PROTO": "https"},
    {"HTTP_X_REQUEST_ID": "hostile"},
    {"SERVER_NAME": "hostile"},
    {"SERVER_PORT": "81"},
    {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "browse"},
    {"HTTP_HX_REQUEST": "true", "HTTP_HX_BOOSTED": "true"},
    {"HTTP_HX_REQUEST": "true", "HTTP_HX_HISTORY_RESTORE_REQUEST": "true"},
    # Nothing reads these.
    {
        "HTTP_FORWARDED": "host=hostile.example;proto=https",
        "HTTP_HX_CURRENT_URL": "https://hostile.example/",
        "HTTP_HX_PROMPT": "hostile",
        "HTTP_HX_TRIGGER": "hostile",
        "HTTP_HX_TRIGGER_NAME": "hostile",
        "HTTP_ORIGIN": "https://hostile.example",
        "HTTP_PREFER": "hostile",
        "HTTP_REFERER": "https://hostile.example/",
        "HTTP_SAVE_DATA": "on",
        "HTTP_SCRIPT_NAME": "/hostile",
        "HTTP_TRANSFER_ENCODING": "chunked",
        "HTTP_USER_AGENT": "hostile",
        "HTTP_VIA": "hostile",
        "HTTP_X_FORWARDED_PORT": "81",
        "HTTP_X_FORWARDED_PREFIX": "/hostile",
        "HTTP_X_FORWARDED_SCHEME": "https",
        "HTTP_X_HTTP_METHOD_OVERRIDE": "POST",
        "HTTP_X_ORIGINAL_URL": "/hostile",
        "HTTP_X_REAL_IP": "192.0.2.1",
        "HTTP_X_REQUESTED_WITH": "XMLHttpRequest",
        "HTTP_X_REWRITE_URL": "/hostile",
        "HTTP_X_SCRIPT_NAME": "/hostile",
    },
]


@pytest.mark.django_db
def test_no_header_of_a_request_reaches_another_reader(storage_folder: Path) -> None:
    Shop(0)
    one_of_each = {re.sub(r"lin|grace", "ada", address) for address in addresses()}
    paths = sorted({address.partition("?")[0] for address in one_of_each})
    paths += ["/agents?q=caf%C3%A9", "/agents/compare?id=@ada/caf%C3%A9"]
    for address in paths:
        Client().get(address)  # A diff is stored, which changes other pages.
    with Process.start("fresh").answers(keep_pages=False):
        fresh = {address: sent(Client().get(address)) for address in paths}
    for number, headers in enumerate(HOSTILE_HEADERS):
        # htmx is read by views, and other headers before them, so a third of the pages shows it.
        tested_paths = paths if "HTTP_HX_REQUEST" in headers else paths[number % 3 :: 3]
        with Process.start("shared").answers():
            for address in tested_paths:
                Client().get(address, **headers)
                assert sent(Client().get(address)) == fresh[address], (headers, address)
