"""What the registry allows, and how versions are ordered. Answers, never acts."""

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


def may_see_delisted(agent: Agent, actor: Actor) -> bool:
    return actor.is_user(agent.owner_user_id) or (
        actor.user is not None and actor.user.is_maintainer
    )


def may_yank(agent: Agent, actor: Actor) -> bool:
    """Owners yank their own, maintainers anybody's."""
    return actor.is_user(agent.owner_user_id) or (
        actor.user is not None and actor.user.is_maintainer
    )


def may_see_numbers(agent: Agent, actor: Actor) -> bool:
    """How an agent has fared, version by version, is for its owner and for maintainers."""
    return may_yank(agent, actor)


def scope_to_yank(agent: Agent, actor: Actor) -> str:
    """What a key must carry: to yank what is somebody else's is moderation. Whoever moderates may
    yank their own with the same key."""
    is_others = not actor.is_user(agent.owner_user_id)
    moderates = is_others and actor.user is not None and actor.user.is_maintainer
    return "reports:moderate" if moderates or actor.moderates else "agents:yank"
