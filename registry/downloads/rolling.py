"""Numbers of the last days, which move on although nobody does anything."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import Sum

from foundation.clock import today
from registry.agents.revisions import update_numbers
from registry.downloads.hyperloglog import EMPTY, estimate, merged, with_added
from registry.models import Agent, DownloadDay, DownloadSeen, NetworkSketch
from registry.rules.periods import window_start

# Column of an agent → what of its versions and days is added up in it.
SUMS = {"downloads_30d": Sum("downloads"), "signed_in_30d": Sum("signed_in")}
NOTHING = (0,) * len(SUMS)


def sums_in_window(agent_id: UUID) -> dict[str, int]:
    """What all versions of an agent add up to, today and the 29 days before (UTC), by column."""
    days = DownloadDay.objects.of_agent(agent_id).since(window_start(today()))
    return {column: total or 0 for column, total in days.aggregate(**SUMS).items()}


def roll_windows() -> int:
    """Bring these columns of every agent to this day. Gives how many agents had moved."""
    window = DownloadDay.objects.since(window_start(today()))
    sums = window.values_list("version__agent").annotate(**SUMS)
    counted = {agent_id: tuple(totals) for agent_id, *totals in sums}
    kept = Agent.objects.exclude(**dict.fromkeys(SUMS, 0)).values_list("pk", *SUMS)
    stored = {agent_id: tuple(totals) for agent_id, *totals in kept}
    moved = [
        agent_id
        for agent_id in stored.keys() | counted.keys()
        if stored.get(agent_id, NOTHING) != counted.get(agent_id, NOTHING)
    ]
    for agent_id in moved:
        _roll_window(agent_id)
    return len(moved)


@transaction.atomic
def _roll_window(agent_id: UUID) -> None:
    # Under the agent's lock, which whoever counts a download holds too.
    agent = Agent.objects.select_for_update().only("pk").get(pk=agent_id)
    update_numbers(agent.pk, **sums_in_window(agent_id))


def networks_in_window(agent_id: UUID) -> int:
    """About how many different networks downloaded any version of an agent in the window."""
    days = NetworkSketch.objects.filter(agent=agent_id, day__gte=window_start(today()))
    return estimate(merged(days.values_list("registers", flat=True)))


def note_networks(agent_id: UUID, day: date, networks: Iterable[str]) -> int:
    """Add networks to the agent's sketch of a day; the caller holds the agent's lock. Gives how
    many there are in the window now."""
    sketches = NetworkSketch.objects.filter(agent=agent_id, day=day)
    before = sketches.values_list("registers", flat=True).first()
    after = with_added(before or EMPTY, networks)
    if before is None:
        NetworkSketch.objects.create(agent_id=agent_id, day=day, registers=after)
    elif after != before:
        sketches.update(registers=after)
    return networks_in_window(agent_id)


def recount_networks(agents: Iterable[UUID] | None = None) -> None:
    """Count the networks of these agents anew, or of all that have any."""
    if agents is None:
        agents = NetworkSketch.objects.order_by().values_list("agent", flat=True).distinct()
    for agent_id in list(agents):
        _recount_networks(agent_id)


@transaction.atomic
def _recount_networks(agent_id: UUID) -> None:
    agent = Agent.objects.select_for_update().only("pk").get(pk=agent_id)
    update_numbers(agent.pk, networks_30d=networks_in_window(agent_id))


def forget_sketches() -> int:
    """Drop the sketches of days that have left the window, and count their agents anew. Gives how
    many were dropped."""
    over = NetworkSketch.objects.filter(day__lt=window_start(today()))
    agents = set(over.values_list("agent", flat=True))
    dropped = over.delete()[0]
    recount_networks(agents)
    return dropped


def forget_seen() -> int:
    """Drop the marks of the days that are over: they told visitors of one day apart. Gives how
    many."""
    return DownloadSeen.objects.filter(day__lt=today()).delete()[0]
