"""Permissions on agents."""

from django.utils.translation import gettext_lazy as _

from foundation.access.scopes import KeyScope
from foundation.actor import Actor, Person
from registry.errors import NotMaintainer
from registry.models import Agent
from registry.rules.co_maintainers import is_of

MAINTAINER = "maintainer"
OFFICIAL = "official"
MODERATION_SCOPE = "reports:moderate"

INSTALL_SCOPE = "packages:install"
KEY_SCOPES = (
    KeyScope(
        name="agents:publish",
        description=_("Publish new agents and new versions in your scope."),
        for_devices=True,
    ),
    KeyScope(name="agents:yank", description=_("Yank versions of your agents."), for_devices=True),
    KeyScope(
        name=INSTALL_SCOPE,
        description=_("Download packages of a private site. Alone, it makes an install address."),
    ),
)
DESK_PERMISSIONS = (
    "registry.view_agent",
    "registry.change_agent",
    "registry.view_version",
    "registry.change_version",
    "registry.view_versionwithholding",
    "registry.view_agentpick",
    "registry.view_category",
    "registry.view_mirror",
    "registry.view_mirrorproblem",
    "registry.add_category",
    "registry.change_category",
)


def may_moderate(actor: Actor) -> bool:
    """Whether the actor is a maintainer whose credential has the scope for moderation."""
    return actor.has_role(MAINTAINER) and actor.has_scope(MODERATION_SCOPE)


def require_moderator_scope(by: Actor) -> Person:
    """The maintainer who acts, before it is known on which agent.

    Raises Unauthenticated, NotMaintainer or InsufficientScope.
    """
    if not by.require_user().has_role(MAINTAINER):
        raise NotMaintainer
    return by.require_scope(MODERATION_SCOPE)


def require_moderator(by: Actor, *, about: str = "") -> Person:
    """The maintainer who acts; not with a key that is bound to another agent.

    Raises Unauthenticated, NotMaintainer or InsufficientScope.
    """
    require_moderator_scope(by)
    return by.require(MODERATION_SCOPE, about=about)


def may_manage(agent: Agent, actor: Actor) -> bool:
    """Owners and co-maintainers manage their own agents, maintainers all of them.

    Managing is yanking a version, and reading the statistics and a delisted agent's page. A key
    that is bound to another agent reads as a visitor does.
    """
    if actor.bound_to and actor.bound_to != agent.full_id:
        return False
    return actor.has_role(MAINTAINER) or is_of(agent, actor.user_id)


def scope_to_yank(agent: Agent, actor: Actor) -> str:
    """The scope that a key needs to yank a version of this agent.

    Yanking a version of another user's agent is moderation. A maintainer's key can yank both.
    """
    is_others = actor.has_role(MAINTAINER) and not is_of(agent, actor.user_id)
    # A key for publishing must not moderate, even in the hands of a maintainer.
    return MODERATION_SCOPE if is_others or may_moderate(actor) else "agents:yank"
