"""Rolling 30-day sums of an agent, moved forward hourly by the worker."""

from collections.abc import Collection, Iterable
from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import Sum

from foundation.clock import today
from registry.agents.revisions import update_numbers
from registry.downloads.hyperloglog import EMPTY_SKETCH, add_items, estimate_count, merge_sketches
from registry.models import Agent, DownloadDay, DownloadSeen, NetworkSketch
from registry.rules.periods import window_start

# By column of an agent: the sum over all days of all its versions.
ROLLING_SUMS = {"downloads_30d": Sum("downloads"), "signed_in_30d": Sum("signed_in")}
NO_DOWNLOADS = (0,) * len(ROLLING_SUMS)


def sum_window(agent_id: UUID) -> dict[str, int]:
    """The sums of today and the 29 days before (UTC), by column of the agent."""
    return sum_windows([agent_id])[agent_id]


def sum_windows(agent_ids: Collection[UUID]) -> dict[UUID, dict[str, int]]:
    """The sums of each agent, as of `sum_window`, in one query."""
    days = DownloadDay.objects.since(window_start(today())).filter(version__agent__in=agent_ids)
    rows = days.order_by().values_list("version__agent").annotate(**ROLLING_SUMS)
    sums = {agent_id: totals for agent_id, *totals in rows}
    return {
        agent_id: dict(zip(ROLLING_SUMS, sums.get(agent_id, NO_DOWNLOADS), strict=True))
        for agent_id in agent_ids
    }


def roll_sums() -> int:
    """Update the rolling sums of all agents; returns the number of changed agents."""
    window = DownloadDay.objects.since(window_start(today()))
    sums = window.values_list("version__agent").annotate(**ROLLING_SUMS)
    new_sums = {agent_id: tuple(totals) for agent_id, *totals in sums}
    agents = Agent.objects.exclude(**dict.fromkeys(ROLLING_SUMS, 0))
    old_sums = {
        agent_id: tuple(totals) for agent_id, *totals in agents.values_list("pk", *ROLLING_SUMS)
    }
    changed_ids = [
        agent_id
        for agent_id in old_sums.keys() | new_sums.keys()
        if old_sums.get(agent_id, NO_DOWNLOADS) != new_sums.get(agent_id, NO_DOWNLOADS)
    ]
    # Compared without locks; each changed agent is summed again under its own.
    for agent_id in changed_ids:
        _roll_sums_of(agent_id)
    return len(changed_ids)


@transaction.atomic
def _roll_sums_of(agent_id: UUID) -> None:
    # The recorder holds the same lock while it adds to the sums.
    agent = Agent.objects.select_for_update().only("pk").get(pk=agent_id)
    update_numbers(agent.pk, **sum_window(agent_id))


# --- Networks --------------------------------------------------------------------------------


def count_networks(agent_id: UUID) -> int:
    """Approximate number of networks that downloaded an agent in the last 30 days."""
    return count_networks_of([agent_id])[agent_id]


def count_networks_of(agent_ids: Collection[UUID]) -> dict[UUID, int]:
    """The number of networks of each agent, as of `count_networks`, in one query."""
    days = NetworkSketch.objects.filter(agent__in=agent_ids, day__gte=window_start(today()))
    sketches: dict[UUID, list[str]] = {agent_id: [] for agent_id in agent_ids}
    for agent_id, registers in days.values_list("agent", "registers"):
        sketches[agent_id].append(registers)
    return {pk: estimate_count(merge_sketches(days)) for pk, days in sketches.items()}


def add_networks(agent_id: UUID, day: date, networks: Iterable[str]) -> int:
    """Add networks to the sketch of a day; returns the new `count_networks`.

    The caller holds the lock of the agent.
    """
    sketches = NetworkSketch.objects.filter(agent=agent_id, day=day)
    old_sketch = sketches.values_list("registers", flat=True).first()
    new_sketch = add_items(old_sketch or EMPTY_SKETCH, networks)
    if old_sketch is None:
        NetworkSketch.objects.create(agent_id=agent_id, day=day, registers=new_sketch)
    elif new_sketch != old_sketch:
        sketches.update(registers=new_sketch)
    return count_networks(agent_id)


def recount_networks(agents: Iterable[UUID] | None = None) -> None:
    """Update the networks of these agents, or of all agents with a sketch."""
    if agents is None:
        agents = NetworkSketch.objects.order_by().values_list("agent", flat=True).distinct()
    for agent_id in list(agents):
        _recount_networks_of(agent_id)


@transaction.atomic
def _recount_networks_of(agent_id: UUID) -> None:
    agent = Agent.objects.select_for_update().only("pk").get(pk=agent_id)
    update_numbers(agent.pk, networks_30d=count_networks(agent_id))


# --- Clean-up --------------------------------------------------------------------------------


def delete_old_sketches() -> int:
    """Delete sketches older than the window; returns their number.

    Their agents are recounted.
    """
    sketches = NetworkSketch.objects.filter(day__lt=window_start(today()))
    agent_ids = set(sketches.values_list("agent", flat=True))
    sketch_count = sketches.delete()[0]
    recount_networks(agent_ids)
    return sketch_count


def delete_old_seen_keys() -> int:
    """Delete the keys that recognise visitors of past days; returns their number."""
    return DownloadSeen.objects.filter(day__lt=today()).delete()[0]
