"""Badges: texts, accessibility, and headers that let nothing run."""

from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client

from foundation.accounts.models import User
from foundation.actor import Actor
from registry.agents.actions import delist_agent, withhold_version, yank_version
from registry.models import Agent
from tests.support.factories import make_agent, make_version

pytestmark = pytest.mark.once

SVG = "{http://www.w3.org/2000/svg}"
BASE = "/badges/@ada/coach/"


def texts(client: Client, kind: str) -> list[str | None]:
    answer = client.get(f"{BASE}{kind}.svg")
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/svg+xml")
    return [text.text for text in ElementTree.fromstring(answer.content).iter(f"{SVG}text")]


def test_each_kind_shows_one_fact(client: Client, coach: Agent) -> None:
    columns = {"downloads_30d": 1234, "avg_rating": 4.55, "review_count": 31}
    Agent.objects.filter(pk=coach.pk).update(**columns)

    assert texts(client, "version") == ["version", "1.0.0"]
    assert texts(client, "downloads") == ["downloads", "1,234 in 30 days"]
    assert texts(client, "rating") == ["rating", "4.5 ★ · 31 reviews"]


def test_missing_values_are_named(client: Client, ada: User) -> None:
    make_version(make_agent(ada, "coach"), "1.0.0")

    assert texts(client, "rating") == ["rating", "no reviews"]


def test_badge_shows_the_version_of_the_page_or_why_there_is_none(
    client: Client, ada: User, as_ada: Actor, as_root: Actor
) -> None:
    agent = make_agent(ada, "coach")
    make_version(agent, "1.0.0-beta.1")
    make_version(agent, "1.0.0-beta.2")
    assert texts(client, "version") == ["version", "1.0.0-beta.2"]

    yank_version(agent, "1.0.0-beta.2", reason="Broken", by=as_ada)
    assert texts(client, "version") == ["version", "1.0.0-beta.1"]

    yank_version(agent, "1.0.0-beta.1", reason="Broken", by=as_ada)
    assert texts(client, "version") == ["version", "yanked"]

    withheld_agent = make_agent(ada, "planner")
    make_version(withheld_agent)
    withhold_version(withheld_agent, "1.0.0", reason="malware", text="It is.", by=as_root)
    answer = client.get("/badges/@ada/planner/version.svg")
    assert answer.content.decode().count("withheld") >= 1


def test_badge_has_a_text_alternative(client: Client, coach: Agent) -> None:
    picture = ElementTree.fromstring(client.get(f"{BASE}version.svg").content)

    assert picture.get("role") == "img"
    assert picture.get("aria-label") == "@ada/coach: version 1.0.0"
    assert picture.findtext(f"{SVG}title") == "@ada/coach: version 1.0.0"


def test_long_version_number_is_cut(client: Client, ada: User) -> None:
    make_version(make_agent(ada, "coach"), f"1.0.0+{'x' * 100}")

    _, value = texts(client, "version")
    assert value == f"1.0.0+{'x' * 33}…"


def test_badge_may_be_embedded_and_runs_no_script(client: Client, coach: Agent) -> None:
    answer = client.get(f"{BASE}version.svg")

    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer["Cache-Control"] == "public, max-age=300"
    assert not answer.cookies
    second_answer = client.get(f"{BASE}version.svg", headers={"if-none-match": answer["ETag"]})
    assert second_answer.status_code == 304


@pytest.mark.parametrize("path", [f"{BASE}stars.svg", "/badges/@ada/nothing/version.svg"])
def test_unknown_badge_is_not_found(client: Client, coach: Agent, path: str) -> None:
    assert client.get(path).status_code == 404


def test_delisted_agent_has_no_badges_for_any_user(
    client: Client, coach: Agent, ada: User, as_root: Actor, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):
        client.get(f"{BASE}version.svg")
    delist_agent(coach, reason="No", by=as_root)
    client.force_login(ada)

    assert client.get(f"{BASE}version.svg").status_code == 410
