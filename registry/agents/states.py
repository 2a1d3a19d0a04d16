"""The states of agents and versions, as the desk marks them."""

from django.utils.translation import gettext

from foundation.desk.states import Tone, state_mark
from registry.models import Agent, Version


def agent_state(agent: Agent) -> str:
    """The state of an agent as a mark."""
    if agent.is_delisted:
        return state_mark(gettext("delisted"), Tone.BAD)
    if agent.is_listed:
        return state_mark(gettext("listed"), Tone.GOOD)
    return state_mark(gettext("no version on offer"), Tone.WARN)


def version_state(version: Version) -> str:
    """The state of a version as a mark; ``version`` has the column ``is_withheld``."""
    if version.is_withheld:
        return state_mark(gettext("withheld"), Tone.BAD)
    if version.is_yanked:
        return state_mark(gettext("yanked"), Tone.WARN)
    return state_mark(gettext("offered"), Tone.GOOD)
