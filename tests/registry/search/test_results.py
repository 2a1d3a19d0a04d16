"""Counts of a search are cached until the catalogue changes."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from foundation.actor import Actor
from foundation.bulk import bulk_load
from registry.agents.actions import record_curation
from registry.models import Agent, Category
from registry.search import AgentSearch, parse_search
from registry.search.results import count_categories, count_matches, search
from registry.search_index.recount import count_wrong_terms
from tests.support.events import delist, lift, relist, unyank, withhold, yank
from tests.support.uploads import publish


@pytest.fixture
def coach(as_ada: Actor) -> Agent:
    agent: Agent = publish(as_ada, "@ada/coach").agent
    return Agent.objects.get(pk=agent.pk)


def query_count(query: AgentSearch) -> int:
    with CaptureQueriesContext(connection) as queries:
        count_matches(query)
    return len(queries)


def total() -> int:
    """As counted, and as found by a search that the index answers."""
    count = count_matches(AgentSearch())[1].total
    assert len(search(parse_search(channel="community")).rows) == count
    return count


def test_counts_are_cached_for_each_search_in_any_sort(coach: Agent) -> None:
    revision_query = 1

    assert query_count(AgentSearch()) > revision_query
    assert query_count(AgentSearch()) == query_count(AgentSearch(sort="new")) == revision_query
    assert query_count(parse_search("coach")) > revision_query


def test_a_found_page_is_cached_and_its_rows_are_not(coach: Agent) -> None:
    def found(sort: str = "") -> tuple[list[tuple[str, int]], int]:
        with CaptureQueriesContext(connection) as queries:
            page = search(parse_search("coach", sort=sort), columns=("name", "download_count"))
        assert [match.kind for match in page.matches.values()] == ["exact"] * len(page.rows)
        return [(row["name"], row["download_count"]) for row in page.rows], len(queries)

    revisions_and_rows = 2
    for sort in ("", "recent", "name", "new"):
        assert found(sort)[1] > revisions_and_rows
        assert found(sort) == ([("coach", 0)], revisions_and_rows)
    Agent.objects.filter(pk=coach.pk).update(download_count=7)
    assert found() == ([("coach", 7)], revisions_and_rows)
    # Every download may change the order by downloads.
    found("downloads")
    assert found("downloads")[1] > revisions_and_rows


def test_a_cached_interpretation_keeps_the_sort_of_the_search(coach: Agent) -> None:
    for sort in ("new", "rating"):
        page = search(parse_search("cuach", sort=sort), page_number="1")
        assert (page.interpretation.spelling, page.interpretation.search.sort) == ("coach", sort)


def publish_another(agent: Agent, by: dict[str, Actor]) -> None:
    publish(by["ada"], "@ada/planner")


@pytest.mark.parametrize(
    ("change", "total_after", "undo"),
    [
        (publish_another, 2, None),
        (yank, 0, unyank),
        (withhold, 0, lift),
        (delist, 0, relist),
    ],
)
def test_counts_follow_every_change_at_once(
    coach: Agent, as_ada: Actor, as_root: Actor, change: Any, total_after: int, undo: Any
) -> None:
    by = {"ada": as_ada, "root": as_root}
    assert (total(), total()) == (1, 1)

    change(coach, by)
    assert (total(), total()) == (total_after, total_after)

    if undo:
        undo(Agent.objects.get(pk=coach.pk), by)
        assert total() == 1


def test_a_new_category_name_is_shown_at_once(coach: Agent, as_root: Actor) -> None:
    def names() -> set[str]:
        counts = count_categories(count_matches(AgentSearch())[1])
        return {item.category.name for item in counts}

    assert "Elsewhere" not in names()
    category = Category.objects.get(pk="other")
    category.name = "Elsewhere"
    category.save()
    record_curation(category, fields=["name"], by=as_root)

    assert "Elsewhere" in names()


def test_agents_of_a_bulk_load_are_found_after_it(as_ada: Actor) -> None:
    with bulk_load():
        publish(as_ada, "@ada/coach", "1.0.0", name="First name")
        publish(as_ada, "@ada/coach", "1.1.0", name="Second name")

    assert search(parse_search("second")).ids == [Agent.objects.get().pk]
    assert count_wrong_terms(Agent.objects.get()) == 0
