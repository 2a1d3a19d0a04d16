"""Compares the denormalised columns of agents with a recount, and repairs them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Sum

from foundation.actor import Actor
from foundation.audit.actions import record
from registry.agents.actions import lock_agent
from registry.agents.listing import expected_columns
from registry.agents.queries import list_tags
from registry.agents.revisions import bump_listing, update_numbers
from registry.downloads.rolling import count_networks, sum_window
from registry.models import Agent, AgentTag, Version
from registry.search_index.actions import index_agents
from registry.search_index.recount import count_wrong_terms


@dataclass(frozen=True, slots=True)
class Difference:
    """A column of an agent (or its tags) whose cached value is not the actual one."""

    full_id: str
    column: str
    cached: Any
    actual: Any


def find_differences() -> Iterator[tuple[UUID, list[Difference]]]:
    """The differences of each agent that has some."""
    for agent in Agent.objects.order_by("pk").iterator():
        # Without the lock, a write between two queries looks like a difference.
        if compare_agent(agent) and (differences := _compare_locked(agent.pk)):
            yield agent.pk, differences


@transaction.atomic
def _compare_locked(agent_id: UUID) -> list[Difference]:
    return compare_agent(lock_agent(agent_id))


def compare_agent(agent: Agent) -> list[Difference]:
    columns, tags = expected_columns(agent)
    columns["download_count"] = _count_downloads(agent)
    columns |= sum_window(agent.pk)
    columns["networks_30d"] = count_networks(agent.pk)
    values = [(column, getattr(agent, column), actual) for column, actual in columns.items()]
    values.append(("tags", list_tags(agent), tags))
    values.append(("wrong search terms", count_wrong_terms(agent), 0))
    return [
        Difference(agent.full_id, column, cached, actual)
        for column, cached, actual in values
        if cached != actual
    ]


def _count_downloads(agent: Agent) -> int:
    totals = Version.objects.of(agent.pk).aggregate(total=Sum("download_count"))
    return totals["total"] or 0


@transaction.atomic
def repair_agent(agent_id: UUID, *, by: Actor) -> None:
    """Store the actual values; ``updated_at`` stays, because nothing was published."""
    agent = lock_agent(agent_id)
    values = {difference.column: difference.actual for difference in compare_agent(agent)}
    record("agent.recounted", "agent", agent.full_id, by=by, columns=sorted(values))
    if "tags" in values:
        AgentTag.objects.filter(agent=agent).delete()
        AgentTag.objects.bulk_create([AgentTag(agent=agent, tag=tag) for tag in values.pop("tags")])
    is_indexed = values.pop("wrong search terms", None) is None
    update_numbers(agent.pk, **values)
    bump_listing(agent.pk)
    index_agents([agent.pk], repair=not is_indexed)
