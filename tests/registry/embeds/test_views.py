"""The card, the share page, and the metadata of an agent's page."""

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


# --- The card ----------------------------------------------------------------------------------


def test_only_the_card_may_be_framed_by_other_sites(client: Client, coach: Agent) -> None:
    card = client.get(CARD)
    policy = dict(part.split(" ", 1) for part in card["Content-Security-Policy"].split("; "))

    assert policy["frame-ancestors"] == "*"
    assert policy["script-src"] == policy["form-action"] == policy["default-src"] == "'none'"
    assert "X-Frame-Options" not in card
    for path in (PAGE, f"{PAGE}/share", "/"):
        response = client.get(path)
        assert "frame-ancestors 'none'" in response["Content-Security-Policy"]
        assert response["X-Frame-Options"] == "DENY"
    assert "frame-src" not in client.get(PAGE)["Content-Security-Policy"]


def test_card_does_not_depend_on_the_user(client: Client, coach: Agent, ada: User) -> None:
    before = client.get(CARD)
    assert before["Cache-Control"] == "public, max-age=300"
    assert not before.cookies
    client.force_login(ada)

    assert client.get(CARD).content == before.content
    assert Page(before.content.decode()).all("script") == []
    assert Page(before.content.decode()).all("form") == []


def test_links_of_the_card_open_a_new_window(read: Callable, coach: Agent) -> None:
    links = [link for link in read(CARD).all("a") if link.get("href")]

    assert {link["href"] for link in links} == {settings.BASE_URL + PAGE}
    assert {(link["target"], link["rel"]) for link in links} == {("_blank", "noopener")}


@pytest.mark.parametrize(
    ("theme", "attribute"), [("dark", "dark"), ("light", "light"), ("x", None)]
)
def test_card_has_the_requested_theme(
    read: Callable, coach: Agent, theme: str, attribute: str | None
) -> None:
    assert read(f"{CARD}?theme={theme}").all("html")[0].get("data-theme") == attribute


def test_delisted_agent_has_no_embeds_for_any_user(
    client: Client, coach: Agent, ada: User, as_root: Actor
) -> None:
    delist_agent(coach, reason="No", by=as_root)
    client.force_login(ada)

    assert [client.get(p).status_code for p in (CARD, PICTURE, f"{PAGE}/share")] == [410] * 3


# --- The share page ----------------------------------------------------------------------------


def test_every_copied_url_works(client: Client, read: Callable, coach: Agent) -> None:
    page = read(f"{PAGE}/share")

    code = " ".join(page.texts)
    paths = set(re.findall(rf'{re.escape(settings.BASE_URL)}(/[^\s"<>)\]]+)', code))
    assert {CARD, PAGE, "/feeds/@ada/coach.atom", "/badges/@ada/coach/rating.svg"} <= paths
    for path in paths:
        assert client.get(path).status_code == 200, path
    assert f"{PAGE}/share" in read(PAGE).links()


# --- Metadata of the agent's page --------------------------------------------------------------


def structured_data(client: Client) -> list[dict[str, Any]]:
    html = client.get(PAGE).content.decode()
    scripts = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    return [json.loads(text) for text in scripts]


def test_structured_data_describes_the_agent(client: Client, coach: Agent) -> None:
    (data,) = structured_data(client)

    assert (data["@type"], data["name"]) == ("SoftwareApplication", "Coach")
    assert (data["softwareVersion"], data["license"]) == ("1.0.0", "Apache-2.0")
    assert data["url"] == settings.BASE_URL + PAGE
    assert "aggregateRating" not in data


def test_structured_data_has_a_rating_after_the_first_review(client: Client, coach: Agent) -> None:
    Agent.objects.filter(pk=coach.pk).update(avg_rating=4.5, review_count=2)

    (data,) = structured_data(client)
    assert data["aggregateRating"]["ratingValue"] == 4.5
    assert data["aggregateRating"]["ratingCount"] == 2


def test_structured_data_escapes_the_end_of_the_script(client: Client, ada: User) -> None:
    make_version(make_agent(ada, "coach", display_name=HOSTILE, tagline=HOSTILE))

    (data,) = structured_data(client)
    assert data["name"] == data["description"] == HOSTILE
    assert b"alert(1)</script>" not in client.get(PAGE).content


def test_yanked_version_has_no_structured_data(client: Client, coach: Agent, as_ada: Actor) -> None:
    yank_version(coach, "1.0.0", reason="No", by=as_ada)

    assert structured_data(client) == []


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
def test_page_links_to_its_feed(
    client: Client, read: Callable, coach: Agent, page: str, feed: str
) -> None:
    links = [link for link in read(page).all("link") if link.get("rel") == "alternate"]

    assert settings.BASE_URL + feed in [link["href"] for link in links]
    assert {link["type"] for link in links} == {"application/atom+xml"}
    assert all((link["title"] or "").strip() for link in links)
    assert client.get(feed).status_code == 200


def test_page_has_a_preview_picture_with_a_content_dependent_url(
    client: Client, read: Callable, coach: Agent
) -> None:
    metas = {meta.get("property"): meta.get("content") for meta in read(PAGE).all("meta")}

    url = metas["og:image"] or ""
    assert url.startswith(f"{settings.BASE_URL}{PICTURE}?v=")
    assert metas["og:title"] == "Coach · @ada/coach"
    Agent.objects.filter(pk=coach.pk).update(display_name="Another")
    later = {meta.get("property"): meta.get("content") for meta in read(PAGE).all("meta")}
    assert later["og:image"] != url
