"""Permissions on agents."""

from foundation.actor import Actor
from registry.models import Agent

MAINTAINER_PERMISSIONS = (
    "registry.view_agent",
    "registry.change_agent",
    "registry.view_version",
    "registry.change_version",
    "registry.view_versionwithholding",
    "registry.view_agentpick",
    "registry.view_category",
    "registry.add_category",
    "registry.change_category",
)


def may_manage(agent: Agent, actor: Actor) -> bool:
    """Owners manage their own agents, maintainers all of them.

    Managing is yanking a version, and reading the statistics and a delisted agent's page.
    """
    return actor.is_user(agent.owner_user_id) or _is_maintainer(actor)


def scope_to_yank(agent: Agent, actor: Actor) -> str:
    """The scope that a key needs to yank a version of this agent.

    To yank a version of somebody else's agent is moderation. A maintainer's key can yank both.
    """
    is_others = not actor.is_user(agent.owner_user_id) and _is_maintainer(actor)
    return "reports:moderate" if is_others or actor.moderates else "agents:yank"


def _is_maintainer(actor: Actor) -> bool:
    return actor.user is not None and actor.user.is_maintainer
