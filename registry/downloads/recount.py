"""Compares the denormalised columns of agents with a recount, and repairs them."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Sum

from foundation.actor import Actor
from foundation.audit.actions import record
from foundation.batches import walk_by_key
from registry.agents.actions import lock_agent
from registry.agents.listing import expected_columns_of
from registry.agents.revisions import bump_listing, update_numbers
from registry.downloads.rolling import count_networks_of, sum_windows
from registry.models import Agent, AgentTag, Version
from registry.search_index.actions import index_agents
from registry.search_index.recount import count_wrong_terms


@dataclass(frozen=True, slots=True)
class Difference:
    """A column of an agent (or its tags) whose cached value is not the actual one."""

    full_id: str
    column: str
    cached_value: Any
    actual: Any


def find_differences() -> Iterator[tuple[UUID, list[Difference]]]:
    """The differences of each agent that has some."""
    for agent_ids in walk_by_key(Agent.objects.all()):
        agents = list(Agent.objects.filter(pk__in=agent_ids).order_by("pk"))
        for agent_id, found_differences in compare_agents(agents).items():
            # Without the lock, a write between two queries looks like a difference.
            if found_differences and (differences := _compare_locked(agent_id)):
                yield agent_id, differences


@transaction.atomic
def _compare_locked(agent_id: UUID) -> list[Difference]:
    return compare_agent(lock_agent(agent_id))


def compare_agent(agent: Agent) -> list[Difference]:
    return compare_agents([agent])[agent.pk]


def compare_agents(agents: Sequence[Agent]) -> dict[UUID, list[Difference]]:
    """The differences of each agent; only search terms cost queries for each."""
    agent_ids = [agent.pk for agent in agents]
    columns_by_agent = expected_columns_of(agents)
    downloads, sums = _count_downloads(agent_ids), sum_windows(agent_ids)
    networks, tags = count_networks_of(agent_ids), _list_tags(agent_ids)
    differences = {}
    for agent in agents:
        columns, expected_tags = columns_by_agent[agent.pk]
        columns |= {"download_count": downloads.get(agent.pk, 0), **sums[agent.pk]}
        columns["networks_30d"] = networks[agent.pk]
        values = [(column, getattr(agent, column), actual) for column, actual in columns.items()]
        values.append(("tags", tags[agent.pk], expected_tags))
        values.append(("wrong search terms", count_wrong_terms(agent), 0))
        differences[agent.pk] = [
            Difference(agent.full_id, column, cached_value, actual)
            for column, cached_value, actual in values
            if cached_value != actual
        ]
    return differences


def _count_downloads(agent_ids: Collection[UUID]) -> dict[UUID, int]:
    versions = Version.objects.filter(agent__in=agent_ids).order_by().values_list("agent")
    return dict(versions.annotate(total=Sum("download_count")))


def _list_tags(agent_ids: Collection[UUID]) -> dict[UUID, list[str]]:
    tags: dict[UUID, list[str]] = {agent_id: [] for agent_id in agent_ids}
    for agent_id, tag in AgentTag.objects.filter(agent__in=agent_ids).values_list("agent", "tag"):
        tags[agent_id].append(tag)
    return {agent_id: sorted(tags_of_agent) for agent_id, tags_of_agent in tags.items()}


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
