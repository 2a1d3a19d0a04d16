"""Who has a copy hears quickly that it is still right, and never when it is not."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clawstore.web import unchanged
from clawstore.web.security_headers import HeadersMiddleware
from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.clock import now
from profiles.actions import edit_profile
from registry.agents.actions import pick_agent, unpick_agent, withhold_version
from registry.diffs.actions import get_or_make_diff
from registry.diffs.queries import upgrade_to
from registry.downloads.recorder import Kind, visit_of, write_visits
from registry.models import Agent
from reviews.actions import post_review
from tests.support.events import delist, lift, relist, unyank, withhold, yank
from tests.support.factories import make_agent, make_version
from tests.support.page import MAX_QUERIES
from tests.support.uploads import publish

PAGE = "/agents/@ada/coach"
# They ask no more, with nothing in them, than it takes to know that there is nothing still.
SHORT = ("/agents/compare", "/@grace/reviews")
COMPARED = "/agents/compare?id=@ada/coach&id=@ada/tutor"
OF_THE_AGENT = [PAGE, *(f"{PAGE}/{tab}" for tab in ("versions", "files", "downloads", "reviews"))]
PAGES = [
    *("/", "/agents", "/agents?q=coach", *OF_THE_AGENT, f"{PAGE}/share"),
    *(*SHORT, COMPARED, "/@ada"),
]
FEW_QUERIES = 5


@pytest.fixture
def coach(as_ada: Actor, grace: User) -> Agent:
    publish(as_ada, "@ada/tutor")
    agent: Agent = publish(as_ada, "@ada/coach").agent
    return Agent.objects.get(pk=agent.pk)


class Reader:
    """Somebody who keeps a copy of a page and asks before each use whether it is still right."""

    def __init__(self, address: str) -> None:
        self.client, self.address = Client(), address
        # Whoever has an old copy is answered by making the page; from then on it is remembered.
        whole = self.client.get(address, headers={"if-none-match": "old"})
        assert whole.status_code == 200
        self.content, self.etag = whole.content, whole["ETag"]
        assert self.ask().status_code == 304

    def ask(self) -> Any:
        return self.client.get(self.address, headers={"if-none-match": self.etag})

    def cost(self) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert self.ask().status_code == 304
        return len(seen)

    def is_told_the_truth(self) -> bool:
        """Asks again; gives whether the page had changed, having seen that the answer said so."""
        fresh = Client().get(self.address)
        answer = self.ask()
        has_changed = fresh.content != self.content
        if has_changed:
            assert (answer.status_code, answer.content) == (fresh.status_code, fresh.content)
        return has_changed


@pytest.mark.parametrize("address", [page for page in PAGES if page not in SHORT])
def test_an_unchanged_page_is_not_made_again(coach: Agent, address: str) -> None:
    reader = Reader(address)
    with CaptureQueriesContext(connection) as made:
        Client().get(address)

    assert reader.cost() <= FEW_QUERIES
    assert reader.cost() < len(made)
    answer = reader.ask()
    assert (answer["ETag"], answer.content) == (reader.etag, b"")
    assert answer["Cache-Control"] == "public, max-age=0, must-revalidate"


def a_version(agent: Agent, by: dict[str, Actor]) -> None:
    publish(by["ada"], "@ada/coach", "1.1.0")


def a_review(agent: Agent, by: dict[str, Actor]) -> None:
    post_review(agent, rating=4, by=by["grace"])


def downloads(agent: Agent, by: dict[str, Actor]) -> None:
    Agent.objects.filter(pk=agent.pk).update(download_count=71, downloads_30d=67)


def a_fetch(agent: Agent, by: dict[str, Actor]) -> None:
    _is_visited(agent, Kind.DOWNLOAD)


def a_crawl(agent: Agent, by: dict[str, Actor]) -> None:
    _is_visited(agent, Kind.CRAWL)


def _is_visited(agent: Agent, kind: Kind) -> None:
    version = agent.versions.get(version="1.0.0")
    write_visits(Counter([visit_of(version, kind, network="one", user_id=None)]))


def another_name_of_its_owner(agent: Agent, by: dict[str, Actor]) -> None:
    edit_profile("ada", {"display_name": "Countess"}, by=by["ada"])


def a_pick(agent: Agent, by: dict[str, Actor]) -> None:
    pick_agent(agent, reason="It is good", by=by["root"])


def its_loss(agent: Agent, by: dict[str, Actor]) -> None:
    unpick_agent(agent, by=by["root"])


def test_a_diff_is_not_made_again_and_gone_as_soon_as_it_must_be(
    coach: Agent, as_ada: Actor, as_root: Actor
) -> None:
    publish(as_ada, "@ada/coach", "1.1.0")
    reader = Reader(f"{PAGE}/changes/1.0.0...1.1.0")

    assert reader.cost() <= FEW_QUERIES
    withhold_version(coach, "1.0.0", reason="malware", text="It is one", by=as_root)
    assert reader.ask().status_code == 451


HAPPENS: dict[Callable[[Agent, dict[str, Actor]], None], set[str]] = {
    a_version: {"/", "/agents", PAGE, f"{PAGE}/versions", COMPARED, "/@ada"},
    yank: {"/", "/agents", PAGE, f"{PAGE}/versions"},
    withhold: {"/", "/agents", PAGE, f"{PAGE}/versions", f"{PAGE}/files"},
    delist: set(PAGES) - {"/@grace/reviews"},
    a_review: {"/agents", PAGE, f"{PAGE}/reviews", "/@ada", "/@grace/reviews", COMPARED},
    downloads: {"/agents", PAGE, "/@ada"},
    a_fetch: {PAGE, f"{PAGE}/downloads"},
    a_crawl: {PAGE, f"{PAGE}/downloads"},
    another_name_of_its_owner: {PAGE, f"{PAGE}/versions", "/@ada"},
    a_pick: {"/"},
}
TAKES_BACK = {yank: unyank, withhold: lift, delist: relist, a_pick: its_loss}


@pytest.mark.once
@pytest.mark.parametrize("happens", HAPPENS, ids=lambda act: act.__name__)
def test_nobody_is_told_that_nothing_happened(
    coach: Agent, as_ada: Actor, as_grace: Actor, as_root: Actor, happens: Any
) -> None:
    by = {"ada": as_ada, "grace": as_grace, "root": as_root}
    readers = [Reader(address) for address in PAGES]

    happens(coach, by)

    changed = {reader.address for reader in readers if reader.is_told_the_truth()}
    assert HAPPENS[happens] <= changed
    if happens in TAKES_BACK:
        can_be_read = [a for a in PAGES if Client().get(a).status_code == 200]
        readers = [Reader(address) for address in can_be_read]
        TAKES_BACK[happens](Agent.objects.get(pk=coach.pk), by)
        changed = {reader.address for reader in readers if reader.is_told_the_truth()}
        assert changed


@pytest.mark.parametrize("address", ["/", "/agents"])
def test_what_comes_in_without_an_event_is_seen_where_it_stands(
    ada: User, coach: Agent, address: str
) -> None:
    reader = Reader(address)
    make_version(make_agent(ada, "planner"))

    assert reader.is_told_the_truth()


def test_a_new_day_is_another_page(coach: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = Reader(PAGE)
    tomorrow = now() + timedelta(days=1)
    for module in ("clawstore.web.unchanged", "clawstore.templatetags.shop"):
        monkeypatch.setattr(f"{module}.now", lambda: tomorrow)

    assert reader.is_told_the_truth()


def test_a_copy_is_believed_for_a_while_only(coach: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    """What no event tells of is shown in the end; and a page that nobody asked about for longer
    than a transaction may take is made again."""
    reader = Reader(PAGE)
    quick = reader.cost()
    later = unchanged.monotonic() + unchanged.LONGEST_UNSEEN + 1
    monkeypatch.setattr("clawstore.web.unchanged.monotonic", lambda: later)

    assert reader.cost() > quick
    assert reader.cost() == quick
    for _ in range(8):
        later += unchanged.LONGEST_UNSEEN - 1
        reader.ask()
    assert later - unchanged.LONGEST_KEPT > 0
    made = [copy.made_at for copy in _copies(reader).values()]
    assert all(later - at < unchanged.LONGEST_KEPT for at in made)


def _layer(asker: Any) -> HeadersMiddleware:
    """The layer of a client, or of somebody who has one, that keeps copies."""
    layer: Any = getattr(asker, "client", asker).handler._middleware_chain
    while layer is not None:
        layer = getattr(layer, "__wrapped__", layer)
        if isinstance(layer, HeadersMiddleware):
            return layer
        layer = getattr(layer, "get_response", None)
    raise AssertionError("There is no such layer.")


def _copies(asker: Any) -> dict[Any, unchanged.Copy]:
    return _layer(asker).copies._copies


def test_an_event_that_commits_late_is_not_overlooked(coach: Agent) -> None:
    """It is dated before the copy was made and comes to light after."""
    from foundation.audit.models import AuditLog

    reader = Reader(f"{PAGE}/versions")
    quick = reader.cost()
    AuditLog.objects.create(
        action="version.yanked",
        entity_type="version",
        entity_id="@ada/coach@1.0.0",
        door="api",
        created_at=now() - timedelta(seconds=50),
    )

    assert reader.cost() > quick


def test_whoever_signs_in_gets_their_own(coach: Agent, ada: User) -> None:
    reader = Reader(PAGE)
    reader.client.force_login(ada)

    answer = reader.ask()
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "private, max-age=0, must-revalidate"


@pytest.mark.parametrize("address", ["/agents?page=x", "/agents?page=99", f"/agents?q={'x' * 600}"])
def test_what_is_not_known_is_made(coach: Agent, address: str) -> None:
    reader = Reader(address)

    assert reader.is_told_the_truth() is False
    assert _copies(reader) == {}


def test_a_process_remembers_so_many_pages_and_no_more(
    coach: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clawstore.web.unchanged.MOST_PAGES", 3)
    reader = Reader(PAGE)
    for number in range(5):
        client, address = reader.client, f"{PAGE}?x={number}"
        client.get(address, headers={"if-none-match": "x"})

    assert len(_copies(reader)) == 3
    assert reader.ask().status_code == 304


# These move only in an action that records an event, or together with `updated_at`.
TOLD_BY_EVENTS = {
    "revision",
    *("scope", "name", "owner_user_id", "display_name", "tagline", "description", "category_id"),
    *("license", "homepage", "repository", "created_at", "is_listed", "offers_beta"),
    *("search_text", "folded_name", "delisted_by_user_id", "delisted_reason", "more_words"),
    *("latest_channel", "model_provider", "asks_for_secrets"),
    *("brief", "version_count", "days_between_versions"),
    "search_weight",  # computed from columns that are looked at
}


def test_whoever_adds_a_column_says_what_moves_it() -> None:
    columns = {field.attname for field in Agent._meta.concrete_fields}

    assert columns - set(unchanged.COLUMNS) - TOLD_BY_EVENTS == set()


# --- Pages that are kept whole ---------------------------------------------------------------


@pytest.fixture
def kept(settings: Any) -> None:
    settings.KEEP_PAGES = True


# The last of so many has a page kept.
ASKS = unchanged.WANTED + 1


class Visitor:
    """Somebody without a copy, where others have just been."""

    def __init__(self, address: str, asks: int = ASKS, **headers: str) -> None:
        self.client, self.address, self.headers = Client(), address, headers
        for _ in range(asks):
            assert self.get().status_code == 200

    def get(self, **headers: str) -> Any:
        return self.client.get(self.address, headers=self.headers | headers)

    def cost(self) -> int:
        with CaptureQueriesContext(connection) as seen:
            self.get()
        return len(seen)


@pytest.mark.once
@pytest.mark.parametrize("address", PAGES)
@pytest.mark.parametrize("coding", ["", "gzip"])
def test_a_kept_page_is_the_page_down_to_its_headers(
    kept: None, coach: Agent, address: str, coding: str
) -> None:
    visitor = Visitor(address, **{"accept-encoding": coding})

    fresh = Client().get(address, headers=visitor.headers)
    again = visitor.get()

    assert visitor.cost() <= FEW_QUERIES
    assert again.content == fresh.content
    told, told_again = dict(fresh.headers), dict(again.headers)
    assert told.pop("X-Request-ID") != told_again.pop("X-Request-ID")
    assert told_again == told
    assert told.get("Content-Encoding", "") == coding
    asked = visitor.get(**{"if-none-match": fresh["ETag"]})
    assert (asked.status_code, asked.content) == (304, b"")


@pytest.mark.parametrize("happens", HAPPENS, ids=lambda act: act.__name__)
def test_whatever_happens_is_on_the_next_page(
    kept: None,
    coach: Agent,
    as_ada: Actor,
    as_grace: Actor,
    as_root: Actor,
    happens: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    by = {"ada": as_ada, "grace": as_grace, "root": as_root}
    monkeypatch.setattr("clawstore.web.unchanged.WANTED", 0)
    visitors = [Visitor(address, asks=1) for address in PAGES]
    assert all(len(_copies(visitor)) == 1 for visitor in visitors)
    before = {visitor.address: visitor.get().content for visitor in visitors}

    happens(coach, by)

    changed = set()
    for visitor in visitors:
        fresh, answer = Client().get(visitor.address), visitor.get()
        assert (answer.status_code, answer.content) == (fresh.status_code, fresh.content)
        if answer.content != before[visitor.address]:
            changed.add(visitor.address)
    assert HAPPENS[happens] <= changed


def test_what_the_worker_finds_out_behind_a_publish_is_on_the_next_page(
    kept: None, as_ada: Actor
) -> None:
    publish(as_ada, "@ada/coach")
    secret = {"key": "STRIPE_KEY", "prompt": "To charge", "required": True, "target": "env"}
    publish(as_ada, "@ada/coach", "1.1.0", setup={"secrets": [secret]})
    reader, visitor = Reader(PAGE), Visitor(PAGE)
    assert b"in no version compared so far" in visitor.get().content

    agent = Agent.objects.get(name="coach")
    get_or_make_diff(upgrade_to(agent, "1.1.0"))

    assert reader.is_told_the_truth()
    assert b"in no version compared so far" not in visitor.get().content


def test_a_page_that_is_seldom_asked_for_costs_nothing_more(kept: None, coach: Agent) -> None:
    client = Client()
    costs = []
    for _ in range(ASKS + 1):
        with CaptureQueriesContext(connection) as seen:
            client.get(PAGE)
        costs.append(len(seen))

    assert costs[0] == costs[1] <= MAX_QUERIES
    assert costs[-1] <= FEW_QUERIES
    assert len(_copies(client)) == 1


def test_nothing_of_a_persons_is_kept_and_no_person_gets_what_is(
    kept: None, coach: Agent, ada: User
) -> None:
    visitor = Visitor(PAGE)
    assert len(_copies(visitor)) == 1
    visitor.client.force_login(ada)

    for _ in range(3):
        answer = visitor.get()
        assert answer["Cache-Control"] == "private, max-age=0, must-revalidate"
        assert b"Sign out" in answer.content
    assert len(_copies(visitor)) == 1
    visitor.client.logout()
    assert b"Sign out" not in visitor.get().content


def test_a_key_gets_a_page_of_its_own(
    kept: None, coach: Agent, ada: User, key_for: Callable[..., str]
) -> None:
    visitor = Visitor(PAGE)

    answer = visitor.get(authorization=f"Bearer {key_for(ada, 'read')}")

    assert "private" in answer["Cache-Control"]
    assert len(_copies(visitor)) == 1


@pytest.mark.parametrize(
    "other",
    [{"host": "localhost"}, {"hx-request": "true"}, {"hx-request": "true", "hx-target": "results"}],
)
def test_what_an_answer_depends_on_has_a_copy_of_its_own(
    kept: None, coach: Agent, other: dict[str, str]
) -> None:
    visitor = Visitor("/agents")
    for _ in range(ASKS):
        visitor.get(**other)

    assert len(_copies(visitor)) == 2
    assert visitor.get(**other).content == Client().get("/agents", headers=other).content


def test_so_many_bytes_and_no_more(
    kept: None, coach: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = Visitor(PAGE)
    [one] = _copies(visitor).values()
    monkeypatch.setattr("clawstore.web.unchanged.MOST_BYTES", int(one.size * 3.5))
    for number in range(6):
        for _ in range(ASKS):
            visitor.client.get(f"{PAGE}?x={number}")

    copies = _layer(visitor).copies
    assert len(_copies(visitor)) == 3
    assert copies.size == sum(copy.size for copy in _copies(visitor).values())
    copies.forget()
    assert (copies.size, _copies(visitor)) == (0, {})


def test_an_operator_may_switch_it_off(coach: Agent) -> None:
    visitor = Visitor(PAGE)

    assert _copies(visitor) == {}
    assert visitor.cost() > FEW_QUERIES
