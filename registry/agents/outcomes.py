"""Messages of the desk after a decision about an agent."""

from django.utils.translation import gettext

from foundation.actor import Actor
from foundation.notices.outcomes import outcome
from registry.models import Agent


def decision_outcome(sentence: str, agent: Agent, by: Actor, number: str = "") -> str:
    """The message after a decision about an agent or one of its versions.

    ``sentence`` has one ``%s`` for the name of the agent or version.
    """
    name = f"{agent.full_id} {number}" if number else agent.full_id
    return outcome(
        sentence % name, agent.owner_user, role=gettext("author"), kind="decision", by=by
    )
