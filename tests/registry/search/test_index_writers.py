"""Writers of the search index: at once, during a rebuild, and after former rules."""

from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from foundation.accounts.models import User
from registry.agents.actions import lock_agent
from registry.agents.revisions import bump_listing, update_numbers
from registry.models import Agent, IndexedAgent, SearchWord
from registry.search_index import actions
from registry.search_index.actions import forget_rules, index_agents, index_next
from registry.search_index.entries import is_word, unpack_entries
from registry.search_index.recount import count_wrong_terms
from tests.registry.search.short_forms import list_agent, search_names
from tests.support.races import run_at_once

WORDS = ("ledger", "planner", "coach", "recipe", "garden")


def change(agent: Agent, tagline: str) -> None:
    """Change a text like a publish: under the lock of the agent, the index last."""
    with transaction.atomic():
        locked_agent = lock_agent(agent.pk)
        locked_agent.tagline = tagline
        locked_agent.save(update_fields=["tagline"])
        bump_listing(locked_agent.pk)
        index_agents([locked_agent.pk])


def rate(agent: Agent, average: float) -> None:
    """Change the weight of an agent in searches like a review."""
    with transaction.atomic():
        update_numbers(lock_agent(agent.pk).pk, avg_rating=average, review_count=40)


def assert_index_is_right() -> None:
    assert [count_wrong_terms(agent) for agent in Agent.objects.all()] == [0] * 5
    counts = Counter(
        term
        for row in IndexedAgent.objects.all()
        for term in unpack_entries(row.entries)
        if is_word(term)
    )
    assert dict(SearchWord.objects.values_list("word", "agents")) == counts


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_writers_of_different_agents_lose_nothing_and_do_not_deadlock(ada: User) -> None:
    agents = [list_agent(ada, f"agent-{number}") for number in range(5)]

    def work(number: int) -> None:
        for turn in range(4):
            # All have the same words in turn, so each writes the rows that the others write.
            change(agents[number], f"{WORDS[turn]} and {WORDS[(turn + number) % 5]}")
            rate(agents[(number + turn) % 5], 1 + (turn + number) % 5)

    assert run_at_once([*(partial(work, number) for number in range(5))]) == [None] * 5
    assert_index_is_right()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_rebuild_beside_publishes_loses_nothing(ada: User) -> None:
    agents = [list_agent(ada, f"agent-{number}") for number in range(5)]

    def rebuild() -> None:
        for _ in range(4):
            forget_rules()
            while index_next(2):
                pass

    def publish() -> None:
        for turn in range(12):
            change(agents[turn % 5], f"{WORDS[turn % 5]} number {turn}")

    assert run_at_once([rebuild, publish]) == [None, None]
    while index_next(2):
        pass
    assert_index_is_right()


def test_rebuild_leaves_an_agent_that_changed_meanwhile(
    ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent = list_agent(ada, "tool", tagline="Reads a ledger")
    forget_rules()
    compute = actions._compute_entries

    def compute_slowly(agents: Sequence[Agent]) -> dict[UUID, dict[str, Any]]:
        entries = compute(agents)
        monkeypatch.setattr(actions, "_compute_entries", compute)
        change(agent, "Plants a garden")
        return entries

    monkeypatch.setattr(actions, "_compute_entries", compute_slowly)
    index_next(10)

    assert search_names("garden") == ["tool"]
    assert search_names("ledger") == []
    assert index_next(10) == 0
