"""Numbers of the last days, which move on although nobody does anything."""

from uuid import UUID

from django.db import transaction
from django.db.models import Sum

from foundation.clock import today
from registry.models import Agent, DownloadDay, DownloadSeen
from registry.rules import window_start


def downloads_in_window(agent_id: UUID) -> int:
    """The downloads of all versions of an agent, today and the 29 days before (UTC)."""
    days = DownloadDay.objects.of_agent(agent_id).since(window_start(today()))
    return days.aggregate(total=Sum("downloads"))["total"] or 0


def roll_windows() -> int:
    """Bring `downloads_30d` of every agent to this day. Gives how many had moved."""
    window = DownloadDay.objects.since(window_start(today()))
    counted = dict(window.values_list("version__agent").annotate(total=Sum("downloads")))
    stored = dict(Agent.objects.exclude(downloads_30d=0).values_list("pk", "downloads_30d"))
    moved = [pk for pk in stored.keys() | counted.keys() if stored.get(pk, 0) != counted.get(pk, 0)]
    for agent_id in moved:
        _roll_window(agent_id)
    return len(moved)


@transaction.atomic
def _roll_window(agent_id: UUID) -> None:
    # Under the agent's lock, which whoever counts a download holds too.
    agent = Agent.objects.select_for_update().only("pk").get(pk=agent_id)
    Agent.objects.filter(pk=agent.pk).update(downloads_30d=downloads_in_window(agent_id))


def forget_seen() -> int:
    """Drop the marks of the days that are over: they told visitors of one day apart. Gives how
    many."""
    return DownloadSeen.objects.filter(day__lt=today()).delete()[0]
