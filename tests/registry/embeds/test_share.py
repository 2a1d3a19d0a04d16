"""The card, what a page says to other programs, and the page that hands it all out."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from foundation.accounts.models import User
from foundation.actor import Actor
from registry.agents.actions import delist_agent, yank_version
from registry.models import Agent
from tests.support.factories import make_agent, make_version
from tests.support.page import Page

pytestmark = pytest.mark.once

CARD = "/embed/@ada/coach"
PAGE = "/agents/@ada/coach"
PICTURE = f"{PAGE}/picture.png"
HOSTILE = '</script><script>alert(1)</script><!-- & "'


@pytest.fixture
def coach(ada: User) -> Agent:
    agent = make_agent(ada, "coach")
    make_version(agent, "1.2.3")
    return agent


# --- The card ----------------------------------------------------------------------------------


def test_the_card_may_be_framed_by_anybody_and_nothing_else_may(
    client: Client, coach: Agent
) -> None:
    card = client.get(CARD)
    policy = dict(part.split(" ", 1) for part in card["Content-Security-Policy"].split("; "))

    assert policy["frame-ancestors"] == "*"
    assert policy["script-src"] == policy["form-action"] == policy["default-src"] == "'none'"
    assert "X-Frame-Options" not in card
    for other in (PAGE, f"{PAGE}/share", "/"):
        answer = client.get(other)
        assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
        assert answer["X-Frame-Options"] == "DENY"
    assert "frame-src" not in client.get(PAGE)["Content-Security-Policy"]


def test_the_card_is_the_same_for_everybody(client: Client, coach: Agent, ada: User) -> None:
    before = client.get(CARD)
    assert before["Cache-Control"] == "public, max-age=300"
    assert not before.cookies
    client.force_login(ada)

    assert client.get(CARD).content == before.content
    assert Page(before.content.decode()).all("script") == []
    assert Page(before.content.decode()).all("form") == []


def test_the_card_leads_to_the_shop_in_a_window_of_its_own(read: Callable, coach: Agent) -> None:
    links = [link for link in read(CARD).all("a") if link.get("href")]

    assert {link["href"] for link in links} == {settings.BASE_URL + PAGE}
    assert {(link["target"], link["rel"]) for link in links} == {("_blank", "noopener")}


@pytest.mark.parametrize(("asked", "given"), [("dark", "dark"), ("light", "light"), ("x", None)])
def test_whoever_frames_it_may_choose_the_colours(
    read: Callable, coach: Agent, asked: str, given: str | None
) -> None:
    assert read(f"{CARD}?theme={asked}").all("html")[0].get("data-theme") == given


def test_of_a_delisted_agent_there_is_nothing_whoever_asks(
    client: Client, coach: Agent, ada: User, as_root: Actor
) -> None:
    delist_agent(coach, reason="No", by=as_root)
    client.force_login(ada)

    assert [client.get(p).status_code for p in (CARD, PICTURE, f"{PAGE}/share")] == [410] * 3


# --- The page ----------------------------------------------------------------------------------


def test_what_is_to_be_copied_works(client: Client, read: Callable, coach: Agent) -> None:
    page = read(f"{PAGE}/share")

    code = " ".join(page.texts)
    addresses = set(re.findall(rf'{re.escape(settings.BASE_URL)}(/[^\s"<>)\]]+)', code))
    assert {CARD, PAGE, "/feeds/@ada/coach.atom", "/badges/@ada/coach/rating.svg"} <= addresses
    for address in addresses:
        assert client.get(address).status_code == 200, address
    assert f"{PAGE}/share" in read(PAGE).links()


# --- What the page says to programs ------------------------------------------------------------


def structured(client: Client) -> list[dict[str, Any]]:
    html = client.get(PAGE).content.decode()
    found = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    return [json.loads(text) for text in found]


def test_search_engines_read_what_an_agent_is(client: Client, coach: Agent) -> None:
    (said,) = structured(client)

    assert (said["@type"], said["name"]) == ("SoftwareApplication", "Coach")
    assert (said["softwareVersion"], said["license"]) == ("1.2.3", "Apache-2.0")
    assert said["url"] == settings.BASE_URL + PAGE
    assert "aggregateRating" not in said


def test_a_rating_is_there_when_somebody_gave_one(client: Client, coach: Agent) -> None:
    Agent.objects.filter(pk=coach.pk).update(avg_rating=4.5, review_count=2)

    (said,) = structured(client)
    assert said["aggregateRating"]["ratingValue"] == 4.5
    assert said["aggregateRating"]["ratingCount"] == 2


def test_no_name_gets_out_of_the_data(client: Client, ada: User) -> None:
    make_version(make_agent(ada, "coach", display_name=HOSTILE, tagline=HOSTILE))

    (said,) = structured(client)
    assert said["name"] == said["description"] == HOSTILE
    assert b"alert(1)</script>" not in client.get(PAGE).content


def test_what_is_not_offered_is_offered_to_no_engine(
    client: Client, coach: Agent, as_ada: Actor
) -> None:
    yank_version(coach, "1.2.3", reason="No", by=as_ada)

    assert structured(client) == []


@pytest.mark.parametrize(
    ("page", "feed"),
    [
        ("/", "/feeds/versions.atom"),
        ("/agents?q=coach", "/feeds/search.atom?q=coach"),
        ("/@ada", "/feeds/@ada.atom"),
        (PAGE, "/feeds/@ada/coach.atom"),
        (f"{PAGE}/versions", "/feeds/@ada/coach.atom"),
    ],
)
def test_a_reader_finds_the_feed(
    client: Client, read: Callable, coach: Agent, page: str, feed: str
) -> None:
    kinds = [link for link in read(page).all("link") if link.get("rel") == "alternate"]

    assert settings.BASE_URL + feed in [link["href"] for link in kinds]
    assert {link["type"] for link in kinds} == {"application/atom+xml"}
    assert all((link["title"] or "").strip() for link in kinds)
    assert client.get(feed).status_code == 200


def test_the_page_names_its_picture(client: Client, read: Callable, coach: Agent) -> None:
    metas = {meta.get("property"): meta.get("content") for meta in read(PAGE).all("meta")}

    address = metas["og:image"] or ""
    assert address.startswith(f"{settings.BASE_URL}{PICTURE}?v=")
    assert metas["og:title"] == "Coach · @ada/coach"
    Agent.objects.filter(pk=coach.pk).update(display_name="Another")
    later = {meta.get("property"): meta.get("content") for meta in read(PAGE).all("meta")}
    assert later["og:image"] != address
