"""Proving that what is kept on an agent's row for reading equals what its versions say."""

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
from registry.agents.queries import tags_of
from registry.agents.revisions import bump_listing, update_numbers
from registry.downloads.rolling import networks_in_window, sums_in_window
from registry.models import Agent, AgentTag, Version


@dataclass(frozen=True, slots=True)
class Difference:
    """One column of one agent (or its tags), as it is stored and as it is counted."""

    full_id: str
    column: str
    stored: Any
    counted: Any


def differences() -> Iterator[tuple[UUID, list[Difference]]]:
    """Every agent that differs from a recount, one after the other."""
    for agent in Agent.objects.order_by("pk").iterator():
        # An open shop moves between two looks: only what differs under the lock is wrong.
        if differences_of(agent) and (found := _differences_under_lock(agent.pk)):
            yield agent.pk, found


@transaction.atomic
def _differences_under_lock(agent_id: UUID) -> list[Difference]:
    return differences_of(lock_agent(agent_id))


def differences_of(agent: Agent) -> list[Difference]:
    columns, tags = expected_columns(agent)
    columns["download_count"] = _downloads_of(agent)
    columns |= sums_in_window(agent.pk)
    columns["networks_30d"] = networks_in_window(agent.pk)
    pairs = [(column, getattr(agent, column), value) for column, value in columns.items()]
    pairs.append(("tags", tags_of(agent), tags))
    return [
        Difference(agent.full_id, column, stored, counted)
        for column, stored, counted in pairs
        if stored != counted
    ]


def _downloads_of(agent: Agent) -> int:
    counted = Version.objects.of(agent.pk).aggregate(total=Sum("download_count"))
    return counted["total"] or 0


@transaction.atomic
def repair_agent(agent_id: UUID, *, by: Actor) -> None:
    """Store what is counted. ``updated_at`` stays: nothing was published."""
    agent = lock_agent(agent_id)
    wrong = {difference.column: difference.counted for difference in differences_of(agent)}
    record("agent.recounted", "agent", agent.full_id, by=by, columns=sorted(wrong))
    if "tags" in wrong:
        AgentTag.objects.filter(agent=agent).delete()
        AgentTag.objects.bulk_create([AgentTag(agent=agent, tag=tag) for tag in wrong.pop("tags")])
    update_numbers(agent.pk, **wrong)
    bump_listing(agent.pk)
