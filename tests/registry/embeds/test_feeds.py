"""Feeds: valid Atom, the same for every user, without hidden agents."""

from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from foundation.accounts.models import User
from foundation.actor import Actor
from profiles.models import Profile
from registry.agents.actions import delist_agent, unyank_version, withhold_version, yank_version
from registry.models import Agent
from tests.support.factories import make_agent, make_version

pytestmark = pytest.mark.once

ATOM = "{http://www.w3.org/2005/Atom}"
ALL = "/feeds/versions.atom"
YANKS = "/feeds/yanks.atom"
OF_ADA = "/feeds/@ada.atom"
OF_COACH = "/feeds/@ada/coach.atom"
FEEDS = [ALL, YANKS, OF_ADA, OF_COACH, "/feeds/search.atom?q=coach"]
HOSTILE = "\x00\x0b\ufffe<script>]]>&amp;\"'\u202e\U0001f600"


def feed_at(client: Client, address: str) -> ElementTree.Element:
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/atom+xml; charset=utf-8"
    return ElementTree.fromstring(answer.content)


def titles(client: Client, address: str) -> list[str]:
    entries = feed_at(client, address).findall(f"{ATOM}entry")
    return [entry.findtext(f"{ATOM}title") or "" for entry in entries]


@pytest.fixture
def coach(coach: Agent) -> Agent:
    """The agent with a second version."""
    make_version(coach, "1.1.0")
    return coach


@pytest.mark.parametrize("address", FEEDS)
def test_feed_has_all_required_atom_elements(
    client: Client, coach: Any, as_root: Actor, address: str
) -> None:
    yank_version(coach, "1.0.0", reason="No", by=as_root)

    feed = feed_at(client, address)
    own = settings.BASE_URL + address
    assert feed.tag == f"{ATOM}feed"
    assert feed.findtext(f"{ATOM}id") == own
    assert {"rel": "self", "href": own} in [link.attrib for link in feed.findall(f"{ATOM}link")]
    assert feed.findtext(f"{ATOM}title")
    entries = feed.findall(f"{ATOM}entry")
    assert len(entries) == (2 if address == OF_COACH else 1)
    for entry in entries:
        for element in ("id", "title", "updated", "summary", "author"):
            assert entry.find(f"{ATOM}{element}") is not None, element
        assert (entry.findtext(f"{ATOM}id") or "").startswith("urn:uuid:")
        assert entry.find(f"{ATOM}summary").attrib == {"type": "html"}  # type: ignore[union-attr]
    assert feed.findtext(f"{ATOM}updated") == entries[0].findtext(f"{ATOM}updated")


def test_new_version_is_in_the_feeds_of_site_scope_agent_and_search(
    client: Client, coach: Any, grace: User
) -> None:
    make_version(make_agent(grace, "planner"), "2.0.0-beta.1")

    assert titles(client, ALL) == ["Planner 2.0.0-beta.1", "Coach 1.1.0", "Coach 1.0.0"]
    assert titles(client, OF_ADA) == titles(client, OF_COACH) == ["Coach 1.1.0", "Coach 1.0.0"]
    assert titles(client, "/feeds/@grace.atom") == ["Planner 2.0.0-beta.1"]
    Profile.objects.filter(github_login="ada").update(github_login="countess")
    for name in ("countess", "ada"):
        assert titles(client, f"/feeds/@{name}.atom") == ["Coach 1.1.0", "Coach 1.0.0"]
    assert titles(client, "/feeds/search.atom?q=coa") == ["Coach 1.1.0"]
    assert titles(client, "/feeds/search.atom?q=nothing") == []


def test_feed_of_an_agent_tells_of_yanks_even_if_no_version_is_left(
    client: Client, coach: Agent, as_ada: Actor
) -> None:
    yank_version(coach, "1.1.0", reason="Broken", by=as_ada)
    assert titles(client, OF_COACH) == ["@ada/coach@1.1.0 was yanked", "Coach 1.0.0"]

    yank_version(coach, "1.0.0", reason="Broken, too", by=as_ada)
    yanks = ["@ada/coach@1.0.0 was yanked", "@ada/coach@1.1.0 was yanked"]
    assert titles(client, OF_COACH) == yanks
    assert feed_at(client, OF_COACH).findtext(f"{ATOM}updated", "") > "2020"


def test_search_feed_has_a_canonical_url(client: Client, coach: Any) -> None:
    feed = feed_at(client, "/feeds/search.atom?channel=nonsense&q=coach&sort=name&page=7")

    links = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}
    assert links["self"] == f"{settings.BASE_URL}/feeds/search.atom?q=coach&sort=name"
    assert links["alternate"] == f"{settings.BASE_URL}/agents?q=coach&sort=name"


def test_each_yank_and_withholding_is_one_item(client: Client, coach: Any, as_root: Actor) -> None:
    yank_version(coach, "1.0.0", reason="It <b>loses</b> data", by=as_root)
    first = feed_at(client, YANKS).findtext(f"{ATOM}entry/{ATOM}id")
    summary = feed_at(client, YANKS).findtext(f"{ATOM}entry/{ATOM}summary") or ""
    assert "It &lt;b&gt;loses&lt;/b&gt; data" in summary

    unyank_version(coach, "1.0.0", by=as_root)
    assert titles(client, YANKS) == []
    yank_version(coach, "1.0.0", reason="Again", by=as_root)
    withhold_version(coach, "1.1.0", reason="malware", text="It is one", by=as_root)

    assert sorted(titles(client, YANKS)) == [
        "@ada/coach@1.0.0 was yanked",
        "@ada/coach@1.1.0 is withheld",
    ]
    ids = [e.findtext(f"{ATOM}id") for e in feed_at(client, YANKS).findall(f"{ATOM}entry")]
    assert first not in ids
    assert titles(client, ALL) == titles(client, OF_ADA) == []
    assert sorted(titles(client, OF_COACH)) == sorted(titles(client, YANKS))


def test_delisted_agent_is_in_no_feed_for_any_user(
    client: Client, coach: Any, ada: User, as_root: Actor
) -> None:
    yank_version(coach, "1.0.0", reason="No", by=as_root)
    delist_agent(coach, reason="No", by=as_root)
    client.force_login(ada)

    assert [titles(client, a) for a in (ALL, YANKS, OF_ADA, FEEDS[4])] == [[], [], [], []]
    assert client.get(OF_COACH).status_code == 410


@pytest.mark.parametrize("address", ["/feeds/@nobody.atom", "/feeds/@ada/nothing.atom"])
def test_feed_of_an_unknown_scope_or_agent_is_not_found(
    client: Client, ada: User, address: str
) -> None:
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("address", FEEDS)
def test_feed_is_valid_xml_with_any_text(
    client: Client, ada: User, as_root: Actor, address: str
) -> None:
    hostile = {"display_name": f"Coach {HOSTILE[1:]}", "tagline": HOSTILE[1:]}
    agent = make_agent(ada, "coach", **hostile)
    make_version(agent)
    yank_version(agent, "1.0.0", reason=HOSTILE[1:], by=as_root)
    make_version(agent, "1.1.0")

    feed = feed_at(client, address)

    text = " ".join(feed.itertext())
    assert len(feed.findall(f"{ATOM}entry")) == (2 if address == OF_COACH else 1)
    assert "\x0b" not in text
    assert "\ufffe" not in text
    assert "<script>" in text or address == YANKS
    assert "&lt;script&gt;" in (feed.findtext(f"{ATOM}entry/{ATOM}summary") or "")


@pytest.mark.parametrize("address", FEEDS)
def test_unchanged_feed_is_not_modified(client: Client, ada: User, address: str) -> None:
    agent = make_agent(ada, "coach")
    make_version(agent, yanked_at=None)
    answer = client.get(address)

    assert answer["Cache-Control"] == "public, max-age=300"
    second_answer = client.get(address, headers={"if-none-match": answer["ETag"]})
    assert (second_answer.status_code, second_answer.content) == (304, b"")


@pytest.mark.parametrize("address", FEEDS)
def test_urls_do_not_contain_the_requested_host(client: Client, coach: Any, address: str) -> None:
    assert b"localhost" not in client.get(address, headers={"host": "localhost"}).content


def test_feeds_take_a_constant_number_of_queries(client: Client, ada: User, as_root: Actor) -> None:
    def count_queries() -> dict[str, int]:
        counts = {}
        for address in FEEDS:
            with CaptureQueriesContext(connection) as queries:
                feed_at(client, address)
            counts[address] = len(queries)
        return counts

    agent = make_agent(ada, "coach")
    make_version(agent)
    make_version(agent, "1.1.0")
    yank_version(agent, "1.0.0", reason="No", by=as_root)
    counts = count_queries()
    for number in range(2, 9):
        make_version(agent, f"{number}.0.0")
        make_version(make_agent(ada, f"coach-{number}"))
        yank_version(agent, f"{number}.0.0", reason="No", by=as_root)

    assert count_queries() == counts
    # A search reads its index, too, and its rows apart from the order that it keeps.
    assert all(n <= (13 if "search" in feed else 6) for feed, n in counts.items()), counts


def test_feed_has_at_most_fifty_items(client: Client, ada: User, read: Callable) -> None:
    agent = make_agent(ada, "coach")
    for number in range(55):
        make_version(agent, f"1.{number}.0")

    assert len(titles(client, ALL)) == len(titles(client, OF_COACH)) == 50
