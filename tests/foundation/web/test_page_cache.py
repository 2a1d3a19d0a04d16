"""Anonymous pages are cached while unchanged; personal pages never are."""

import gzip
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from time import monotonic
from typing import Any

import pytest
from django.core.cache import caches
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.clock import now
from foundation.web import absence, page_cache, stale_pages
from foundation.web.page_cache import (
    CachedPage,
    PageBuilders,
    RequestMemory,
    Variation,
    cached_page,
)
from registry.agents.revisions import bump_listing
from registry.models import Agent
from tests.support.uploads import publish

# Caches are in the memory of a process, beside any database.
pytestmark = pytest.mark.once

PAGE = "/agents/@ada/coach"
FEW_QUERIES = 4


@pytest.fixture(autouse=True)
def keep_pages(settings: Any) -> None:
    settings.KEEP_PAGES = True
    page_cache.forget_requests()


@pytest.fixture
def coach(as_ada: Actor, storage_folder: object) -> Agent:
    return publish(as_ada, "@ada/coach").agent


def ask(address: str = PAGE, client: Client | None = None, **headers: str) -> Any:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return (client or Client()).get(address, headers=names)


def text_of(answer: Any) -> bytes:
    is_compressed = answer.get("Content-Encoding") == "gzip"
    return gzip.decompress(answer.content) if is_compressed else answer.content


def cost(address: str = PAGE, **headers: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert ask(address, **headers).status_code in (200, 304)
    return len(queries)


def cached_pages() -> int:
    return len(caches["pages"]._cache)  # type: ignore[attr-defined]


@pytest.mark.parametrize("coding", ["", "gzip"])
@pytest.mark.parametrize("address", [PAGE, "/", "/agents", "/agents?q=coach", "/@ada"])
def test_cached_page_is_the_page_down_to_its_headers(
    coach: Agent, address: str, coding: str
) -> None:
    first, _, cached_page = (ask(address, accept_encoding=coding) for _ in range(3))

    assert cost(address, accept_encoding=coding) <= FEW_QUERIES
    assert text_of(cached_page) == text_of(first)
    headers, cached_headers = dict(first.headers), dict(cached_page.headers)
    assert headers.pop("X-Request-ID") != cached_headers.pop("X-Request-ID")
    for row, answer in ((headers, first), (cached_headers, cached_page)):
        # Django adds random bytes to compressed pages.
        assert int(row.pop("Content-Length")) == len(answer.content)
    assert cached_headers == headers
    assert headers.get("Content-Encoding", "") == coding
    assert headers["Cache-Control"] == "public, max-age=0, must-revalidate"


def test_client_with_the_page_is_answered_without_building_it(coach: Agent) -> None:
    etag = ask()["ETag"]

    assert cost(if_none_match=etag) == 1
    answer = ask(if_none_match=etag)
    assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", etag)
    assert answer["Vary"] == "Accept-Encoding, HX-Request, Accept-Language"


def test_page_that_is_asked_for_once_is_not_cached(coach: Agent) -> None:
    for number in range(5):
        ask(f"{PAGE}?x={number}")

    assert cached_pages() == 0
    ask(f"{PAGE}?x=0")
    assert cached_pages() == 1


def test_new_day_is_another_page(coach: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    etag = ask()["ETag"]

    monkeypatch.setattr(page_cache, "today", lambda: date(2036, 1, 1))

    assert ask(if_none_match=etag).status_code == 200


def test_another_release_makes_other_pages(coach: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    etag = ask()["ETag"]

    monkeypatch.setattr("foundation.caching.values.release", lambda: "another")

    assert ask(if_none_match=etag).status_code == 200


def test_page_of_another_agent_stays_cached(as_ada: Actor, coach: Agent) -> None:
    tutor = publish(as_ada, "@ada/tutor").agent
    etag = ask()["ETag"]

    publish(as_ada, "@ada/tutor", "1.1.0")
    Agent.objects.filter(pk=tutor.pk).update(download_count=7)

    assert ask(if_none_match=etag).status_code == 304


def test_reader_with_a_session_gets_a_page_of_their_own(coach: Agent, ada: User) -> None:
    for _ in range(3):
        ask()
    client = Client()
    client.force_login(ada)

    answer = ask(client=client)

    assert b"Sign out" in answer.content
    assert answer["Cache-Control"] == "private, max-age=0, must-revalidate"
    assert cached_pages() == 1
    client.logout()
    assert b"Sign out" not in ask(client=client).content


def test_request_with_a_key_gets_a_page_of_its_own(
    coach: Agent, ada: User, key_for: Callable[..., str]
) -> None:
    for _ in range(3):
        answer = ask(authorization=f"Bearer {key_for(ada, 'read')}")

    assert "private" in answer["Cache-Control"]
    assert cached_pages() == 0


def test_operator_may_switch_the_cache_off(coach: Agent, settings: Any) -> None:
    settings.KEEP_PAGES = False
    for _ in range(3):
        ask()

    assert cached_pages() == 0
    assert cost() > FEW_QUERIES


# --- Views of the test's own -----------------------------------------------------------------


def request(path: str = "/page", **headers: str) -> HttpRequest:
    wsgi_request: HttpRequest = RequestFactory(headers=headers).get(path)
    return wsgi_request


def pages_of(view: Callable[[HttpRequest], HttpResponse], **options: Any) -> Any:
    return cached_page(revision=lambda request: 1, **options)(view)


def test_page_with_the_token_of_a_form_is_not_cached() -> None:
    view = pages_of(lambda request: HttpResponse(get_token(request)))

    assert len({view(request()).content for _ in range(3)}) == 3


@pytest.mark.parametrize("status", [204, 404, 302])
def test_only_whole_pages_are_cached(status: int) -> None:
    view = pages_of(lambda request: HttpResponse("x", status=status))

    for _ in range(3):
        assert "ETag" not in view(request())
    assert cached_pages() == 0


def test_page_with_a_cookie_or_with_headers_of_its_own_is_not_cached() -> None:
    def with_cookie(request: HttpRequest) -> HttpResponse:
        response = HttpResponse("x")
        response.set_cookie("flavour", "x")
        return response

    def with_header(request: HttpRequest) -> HttpResponse:
        return HttpResponse("x", headers={"Cache-Control": "no-store"})

    for view in (pages_of(with_cookie), pages_of(with_header)):
        for _ in range(3):
            view(request())
    assert cached_pages() == 0


def test_page_without_a_revision_is_not_cached() -> None:
    view = cached_page(revision=lambda request: None)(lambda request: HttpResponse("x"))

    for _ in range(3):
        assert "ETag" not in view(request())
    assert cached_pages() == 0


def test_headers_that_a_view_reads_make_pages_of_their_own() -> None:
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse("part" if request.headers.get("Prefer") else "page")

    cached_pages = pages_of(
        view, vary=[Variation("Prefer", lambda request: request.headers.get("Prefer", ""))]
    )
    for _ in range(3):
        assert cached_pages(request(Prefer="part")).content == b"part"
        answer = cached_pages(request())
        assert (answer.content, answer["Vary"]) == (b"page", "Accept-Encoding, HX-Request, Prefer")


def test_charset_of_a_request_cannot_change_what_others_read() -> None:
    view = pages_of(lambda request: HttpResponse(request.GET["q"]))
    for _ in range(3):
        kind = "text/html; charset=latin-1"
        hostile = RequestFactory().get("/page?q=caf%C3%A9", CONTENT_TYPE=kind)
        assert view(hostile).content.decode() == "cafÃ©"

    answers = [view(request("/page?q=caf%C3%A9")).content.decode() for _ in range(3)]
    assert answers == ["café"] * 3


def test_address_that_is_too_long_is_not_cached() -> None:
    view = pages_of(lambda request: HttpResponse("x"))

    for _ in range(3):
        view(request(f"/page?q={'x' * 600}"))
    assert cached_pages() == 0


# --- Memory and threads ----------------------------------------------------------------------


def test_memory_of_requests_is_bounded() -> None:
    memory = RequestMemory(3)

    assert [memory.is_repeated(name) for name in "aabcdb"] == [False, True, *[False] * 3, True]
    assert memory.is_repeated("a") is False


def test_flood_of_addresses_displaces_no_page(coach: Agent) -> None:
    for _ in range(2):
        ask()
    for number in range(50):
        ask(f"{PAGE}?flood={number}")

    assert cached_pages() == 1


def test_one_thread_builds_what_several_ask_for() -> None:
    builders, builds = PageBuilders(), []
    beginning, may_end = threading.Event(), threading.Event()

    def build() -> Any:
        builds.append(1)
        beginning.set()
        may_end.wait(10)
        return HttpResponse("page"), CachedPage(b"page", {})

    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(builders.run, "key", build)
        beginning.wait(10)
        other_calls = [pool.submit(builders.run, "key", build) for _ in range(3)]
        may_end.set()
        contents = [answer.result().content for answer in (first, *other_calls)]

    assert contents == [b"page"] * 4
    # The last thread may have started after the first had ended.
    assert len(builds) < 4


def test_threads_build_for_themselves_what_cannot_be_shared() -> None:
    builders, beginning, may_fail = PageBuilders(), threading.Event(), threading.Event()

    def fail() -> Any:
        beginning.set()
        may_fail.wait(10)
        raise ZeroDivisionError

    with ThreadPoolExecutor(2) as pool:
        failing_call = pool.submit(builders.run, "key", fail)
        beginning.wait(10)
        other = pool.submit(builders.run, "key", lambda: (HttpResponse("own"), None))
        may_fail.set()
        assert other.result().content == b"own"
        assert isinstance(failing_call.exception(), ZeroDivisionError)


# --- While the database is away ------------------------------------------------------------------


class AwayDatabase:
    """Fails every query, as a database does that closes its connections."""

    def __call__(self, execute: Any, *args: Any) -> Any:
        raise OperationalError("unable to open database file")


@pytest.mark.parametrize("coding", ["", "gzip"])
def test_confirmed_page_stays_with_a_notice(coach: Agent, coding: str) -> None:
    for _ in range(3):
        page = ask(accept_encoding=coding)
    with connection.execute_wrapper(AwayDatabase()):
        answer = ask(accept_encoding=coding, if_none_match=page["ETag"])

    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    assert answer["Warning"].startswith("110 ")
    assert 0 <= int(answer["Age"]) < 5
    assert "ETag" not in answer
    stale = text_of(answer)
    assert stale.count(b"This page may be out of date") == 1
    assert len(stale) > len(text_of(page))
    second_answer = text_of(ask(accept_encoding=coding))
    assert b"This page may be out of date" not in second_answer


def test_page_is_not_stale_for_long_and_no_personal_page_is(
    coach: Agent, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        ask()
    reader = Client()
    reader.force_login(ada)
    with connection.execute_wrapper(AwayDatabase()):
        assert ask().status_code == 200
        assert ask(hx_request="true").status_code == 503
        assert ask(PAGE + "?other=1").status_code == 503
        assert ask("/v1/agents/ada/coach").status_code == 503
        assert ask(client=reader).status_code == 503
        monkeypatch.setattr(stale_pages, "LONGEST_AGE", 0)
        assert ask().status_code == 503


def test_takedown_that_this_process_has_seen_is_not_undone(coach: Agent) -> None:
    for _ in range(3):
        ask()
    Agent.objects.update(delisted_at=now(), delisted_reason="malware", is_listed=False)
    bump_listing(coach.pk)
    assert ask().status_code == 410

    with connection.execute_wrapper(AwayDatabase()):
        assert ask().status_code == 503


def test_while_the_database_is_known_to_be_away_it_is_not_asked(
    coach: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        ask()
    monkeypatch.setattr(absence, "_away_until", monotonic() + 60)

    assert cost() == 0
    assert ask("/agents").status_code == 503
