"""Pages of long lists, and the compiled queries that are cached for usual ones."""

from datetime import timedelta

import pytest

from foundation.accounts.models import User
from foundation.clock import now
from registry.models import Agent
from registry.search import AgentSearch, pages, parse_search
from registry.search.pages import MAX_CACHED_CONDITIONS, _compiled, read_rows
from registry.search.results import search
from registry.search_index.actions import index_agents
from tests.registry.search.short_forms import list_agent

USUAL = parse_search("", category="finance")
MANY_CONDITIONS = parse_search(" ".join(f"-scope:s{n}" for n in range(MAX_CACHED_CONDITIONS + 1)))


@pytest.mark.django_db
@pytest.mark.parametrize(("query", "is_cached"), [(USUAL, True), (MANY_CONDITIONS, False)])
def test_only_usual_searches_are_compiled(query: AgentSearch, is_cached: bool) -> None:
    _compiled.cache_clear()

    read_rows(query, ("id",), 0, 20)

    assert (_compiled.cache_info().currsize > 0) == is_cached


@pytest.mark.parametrize("sort", ["recent", "name", "downloads"])
def test_pages_of_a_tag_have_each_agent_once_in_order(
    ada: User, sort: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As if these were thousands: some in the same second, others in the same moment.
    monkeypatch.setattr(pages, "MAX_SORTED", 3)
    moment = now().replace(microsecond=900_000)
    for number in range(12):
        agent = list_agent(ada, f"agent-{number}", tags=["tea"] if number % 6 else [])
        at = moment - timedelta(milliseconds=400 * (number // 2))
        Agent.objects.filter(pk=agent.pk).update(updated_at=at, download_count=number % 4)
        index_agents([agent.pk])
    query = parse_search("", tags=("tea",), sort=sort)
    key = {
        "recent": lambda agent: (-agent.updated_at.timestamp(), agent.pk),
        "name": lambda agent: (agent.name, agent.pk),
        "downloads": lambda agent: (-agent.download_count, agent.pk),
    }[sort]
    expected = [a.pk for a in sorted(Agent.objects.filter(agent_tags__tag="tea"), key=key)]

    numbered = [search(query, limit=2, page_number=str(page)).ids for page in range(1, 6)]
    assert [pk for ids in numbered for pk in ids] == expected

    ids, page = [], search(query, limit=3)
    while page.next_cursor:
        ids += page.ids
        page = search(query, limit=3, cursor=page.next_cursor)
    assert ids + page.ids == expected
