"""The page that compares two to four agents."""

from collections.abc import Callable

import pytest
from django.test import Client

from foundation.accounts.models import User
from foundation.actor import Actor
from registry.agents.actions import delist_agent
from tests.support.factories import make_agent, make_user, make_version
from tests.support.page import Page
from tests.support.uploads import publish

pytestmark = pytest.mark.once

SECRET = {"key": "FOOD_KEY", "prompt": "To look up food", "required": True, "target": "env"}
COMPARISON = "/agents/compare?id=@ada/one&id=@ada/two"


@pytest.fixture
def agents(as_ada: Actor) -> None:
    publish(as_ada, "@ada/one", name="One")
    publish(as_ada, "@ada/two", name="Two", setup={"secrets": [SECRET]})


def test_different_rows_are_marked(agents: None, read: Callable[..., Page]) -> None:
    page = read(COMPARISON)

    assert "Their packages differ in 1 fact, marked with ≠." in page.texts
    assert page.texts.count("≠") == 1
    assert page.texts[page.texts.index("≠") - 1] == "Secrets it asks for"
    assert "FOOD_KEY" in page.texts


def test_agents_have_the_order_of_the_url(agents: None, read: Callable[..., Page]) -> None:
    page = read("/agents/compare?id=@ADA/two&id=@ada/one&id=@ada/two")

    names = [text for text in page.texts if text in ("One", "Two")]
    assert names == ["Two", "One"]


@pytest.mark.parametrize("other", ["@ada/nothing", "nonsense", "@ada/gone", "@ada/one/x"])
def test_refused_comparison_keeps_the_form_input(
    agents: None, visitor: Client, ada: User, other: str
) -> None:
    delisted_agent = make_agent(ada, "gone")
    make_version(delisted_agent)
    delist_agent(delisted_agent, reason="Spam", by=Actor(user=make_user("root", maintainer=True)))

    answer = visitor.get("/agents/compare", {"id": ["@ada/one", other]})

    assert answer.status_code == 422
    assert 'value="@ada/one"' in answer.content.decode()


def test_form_suggests_agents_of_the_same_category(agents: None, read: Callable[..., Page]) -> None:
    page = read("/agents/compare?id=@ada/one")

    assert "/agents/compare?id=%40ada/one&id=%40ada/two" in page.links()


def test_suggestions_leave_out_the_chosen_agents(
    agents: None, as_ada: Actor, read: Callable[..., Page]
) -> None:
    publish(as_ada, "@ada/money", category="finance")

    page = read("/agents/compare?id=@ada/one&id=@ada/nothing", status=422)

    assert "Suggestions" in page.texts
    assert not any("id=%40ada/one&id=%40ada/nothing&id=%40ada/one" in a for a in page.links())
    assert any(link.endswith("&id=%40ada/money") for link in page.links())


def test_comparison_of_four_agents_takes_at_most_eight_queries(
    agents: None,
    as_ada: Actor,
    visitor: Client,
    django_assert_max_num_queries: Callable[..., object],
) -> None:
    for number in (3, 4):
        publish(as_ada, f"@ada/a-{number}")
    with django_assert_max_num_queries(8):  # type: ignore[attr-defined]
        visitor.get(f"{COMPARISON}&id=@ada/a-3&id=@ada/a-4")
