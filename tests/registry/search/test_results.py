"""What a process has counted is given again, and never when it is no longer so."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from foundation.accounts.models import User
from foundation.actor import Actor
from registry.agents.actions import record_curation
from registry.models import Agent, Category
from registry.search import AgentSearch, results
from registry.search.results import browse_agents
from tests.support.events import delist, lift, relist, unyank, withhold, yank
from tests.support.factories import make_agent, make_version
from tests.support.uploads import publish

ANY = AgentSearch().checked()


@pytest.fixture
def coach(as_ada: Actor) -> Agent:
    agent: Agent = publish(as_ada, "@ada/coach").agent
    return Agent.objects.get(pk=agent.pk)


def cost(search: AgentSearch = ANY) -> int:
    with CaptureQueriesContext(connection) as seen:
        browsed = browse_agents(search)
        assert browsed.tags is browsed.tags
    return len(seen)


def test_nobody_counts_again_while_nothing_happens(coach: Agent) -> None:
    first = cost()

    assert (first, cost()) == (6, 2)
    assert cost(AgentSearch(text="coach").checked()) > 2


def a_version(agent: Agent, by: dict[str, Actor]) -> None:
    publish(by["ada"], "@ada/planner")


def total() -> int:
    return browse_agents(ANY).facets.total


@pytest.mark.parametrize(
    ("happens", "then", "taken_back"),
    [
        (a_version, 2, None),
        (yank, 0, unyank),
        (withhold, 0, lift),
        (delist, 0, relist),
    ],
)
def test_whatever_happens_is_counted_at_once(
    coach: Agent, as_ada: Actor, as_root: Actor, happens: Any, then: int, taken_back: Any
) -> None:
    by = {"ada": as_ada, "root": as_root}
    assert (total(), total()) == (1, 1)

    happens(coach, by)
    assert (total(), total()) == (then, then)

    if taken_back:
        taken_back(Agent.objects.get(pk=coach.pk), by)
        assert total() == 1


def test_a_new_name_of_a_shelf_is_seen(coach: Agent, as_root: Actor) -> None:
    def names() -> set[str]:
        return {shelf.category.name for shelf in browse_agents(ANY).shelves}

    assert "More about this agent" not in names()
    shelf = Category.objects.get(pk="other")
    shelf.name = "More about this agent"
    shelf.save()
    record_curation(shelf, fields=["name"], by=as_root)

    assert "More about this agent" in names()


def test_what_comes_without_an_event_is_seen_by_its_date(coach: Agent, ada: User) -> None:
    assert total() == 1

    make_version(make_agent(ada, "planner"))

    assert total() == 2


def test_what_nothing_tells_of_is_seen_after_a_minute(
    coach: Agent, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert total() == 1
    long_ago = coach.updated_at - timedelta(days=3)
    make_version(make_agent(ada, "imported", updated_at=long_ago))
    assert total() == 1
    later = results.monotonic() + results.LONGEST_UNSEEN

    monkeypatch.setattr(results, "monotonic", lambda: later)

    assert total() == 2


def test_where_too_much_happens_everything_is_counted(
    coach: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = cost()
    monkeypatch.setattr("foundation.audit.queries.MOST_EVENTS", 0)

    assert cost() == first - 1  # The newest date need not be asked for.


def test_so_many_searches_are_remembered_and_no_more(
    coach: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results, "MOST_SEARCHES", 2)

    def words(text: str) -> AgentSearch:
        return AgentSearch(text=text).checked()

    for text in ("coach", "meals", "daily"):
        cost(words(text))

    assert cost(words("daily")) == cost(words("meals")) == 2
    assert cost(words("coach")) > 2
    cost(words("x" * (results.LONGEST_SEARCH + 1)))
    assert cost(words("coach")) == 2
