"""Messages of the desk after a decision about an agent."""

from django.utils.translation import gettext

from foundation.actor import Actor
from foundation.notices.outcomes import outcome
from registry.models import Agent


def decision_outcome(done: str, agent: Agent, by: Actor, number: str = "") -> str:
    """The message after a decision about an agent or one of its versions.

    ``done`` has one ``%s`` for the name of the agent or version.
    """
    name = f"{agent.full_id} {number}" if number else agent.full_id
    return outcome(done % name, agent.owner_user, role=gettext("author"), kind="decision", by=by)
