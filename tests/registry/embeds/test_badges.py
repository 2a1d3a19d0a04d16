"""Badges: small, readable for everybody, and nothing that could run."""

from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client

from foundation.accounts.models import User
from foundation.actor import Actor
from registry.agents.actions import delist_agent
from registry.models import Agent
from tests.support.factories import make_agent, make_version

pytestmark = pytest.mark.once

SVG = "{http://www.w3.org/2000/svg}"
AT = "/badges/@ada/coach/"


@pytest.fixture
def coach(ada: User) -> Agent:
    agent = make_agent(ada, "coach")
    make_version(agent, "1.2.3")
    return agent


def texts(client: Client, kind: str) -> list[str | None]:
    answer = client.get(f"{AT}{kind}.svg")
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/svg+xml")
    return [text.text for text in ElementTree.fromstring(answer.content).iter(f"{SVG}text")]


def test_each_says_one_thing(client: Client, coach: Agent) -> None:
    columns = {"downloads_30d": 1234, "avg_rating": 4.55, "review_count": 31}
    Agent.objects.filter(pk=coach.pk).update(**columns)

    assert texts(client, "version") == ["version", "1.2.3"]
    assert texts(client, "downloads") == ["downloads", "1,234 in 30 days"]
    assert texts(client, "rating") == ["rating", "4.5 ★ · 31 reviews"]


def test_what_is_not_there_yet_is_said(client: Client, ada: User) -> None:
    make_version(make_agent(ada, "coach"), "1.0.0-beta.1")

    assert texts(client, "version") == ["version", "none"]
    assert texts(client, "rating") == ["rating", "no reviews"]


def test_whoever_cannot_see_it_hears_it(client: Client, coach: Agent) -> None:
    picture = ElementTree.fromstring(client.get(f"{AT}version.svg").content)

    assert picture.get("role") == "img"
    assert picture.get("aria-label") == "@ada/coach: version 1.2.3"
    assert picture.findtext(f"{SVG}title") == "@ada/coach: version 1.2.3"


def test_a_long_number_is_cut(client: Client, ada: User) -> None:
    make_version(make_agent(ada, "coach"), f"1.0.0+{'x' * 100}")

    _, value = texts(client, "version")
    assert value == f"1.0.0+{'x' * 33}…"


def test_it_may_stand_anywhere_and_runs_nothing(client: Client, coach: Agent) -> None:
    answer = client.get(f"{AT}version.svg")

    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer["Cache-Control"] == "public, max-age=300"
    assert not answer.cookies
    again = client.get(f"{AT}version.svg", headers={"if-none-match": answer["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("path", [f"{AT}stars.svg", "/badges/@ada/nothing/version.svg"])
def test_there_are_no_others(client: Client, coach: Agent, path: str) -> None:
    assert client.get(path).status_code == 404


def test_a_delisted_agent_has_none_whoever_asks(
    client: Client, coach: Agent, ada: User, as_root: Actor, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):
        client.get(f"{AT}version.svg")
    delist_agent(coach, reason="No", by=as_root)
    client.force_login(ada)

    assert client.get(f"{AT}version.svg").status_code == 410
