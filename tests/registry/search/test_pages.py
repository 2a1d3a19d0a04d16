"""Pages of long lists."""

from datetime import timedelta

import pytest

from foundation.accounts.models import User
from foundation.clock import now
from registry.models import Agent
from registry.search import pages, parse_search
from registry.search.results import search
from registry.search_index.actions import index_agents
from tests.registry.search.short_forms import list_agent


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
    expectation = [a.pk for a in sorted(Agent.objects.filter(agent_tags__tag="tea"), key=key)]

    ids_by_page = [search(query, limit=2, page_number=str(page)).ids for page in range(1, 6)]
    assert [pk for ids in ids_by_page for pk in ids] == expectation

    ids, page = [], search(query, limit=3)
    while page.next_cursor:
        ids += page.ids
        page = search(query, limit=3, cursor=page.next_cursor)
    assert ids + page.ids == expectation
