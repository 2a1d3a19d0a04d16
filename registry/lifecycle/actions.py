"""Deprecates agents and versions, and archives agents.

Both are words of the publisher: whatever was published stays installable. An archived agent takes
no new versions.
"""

from typing import Any

from django.db import transaction

from foundation.actor import Actor
from foundation.audit.actions import record
from foundation.clock import iso, now
from registry.agents.actions import checked_reason, lock_checked_agent, lock_own_agent
from registry.agents.former_addresses import present_ids
from registry.agents.queries import find_version
from registry.agents.revisions import bump_listing
from registry.errors import NotOwner
from registry.lifecycle.errors import InvalidSuccessor, TooManyDeprecations
from registry.models import Agent
from registry.rules.co_maintainers import is_of
from registry.rules.identifiers import AGENT_ID, scope_and_name
from registry.rules.lengths import MAX_DEPRECATED_VERSIONS
from registry.rules.permissions import scope_to_yank
from registry.search_index.actions import index_agents


@transaction.atomic
def deprecate_agent(agent: Agent, *, reason: str, successor: str = "", by: Actor) -> Agent:
    """Say that an agent should no longer be used, and which one to use instead.

    A second call replaces reason and successor, and followers are not told again. Raises NotOwner,
    InvalidReason or InvalidSuccessor.
    """
    agent = _lock_own_agent(agent, by)
    text = checked_reason(reason, is_required=True) or ""
    successor = _checked_successor(agent, successor)
    was_deprecated = agent.deprecated_at is not None
    if was_deprecated and (agent.deprecation_reason, agent.successor) == (text, successor):
        return agent
    agent.successor, agent.deprecation_reason = successor, text
    agent.deprecated_at = agent.deprecated_at or now()
    _save(agent, "deprecated_at", "deprecation_reason", "successor")
    details = {"reason": text, "successor": successor}
    action = "agent.deprecation_changed" if was_deprecated else "agent.deprecated"
    record(action, "agent", agent.full_id, by=by, **details)
    return agent


@transaction.atomic
def undeprecate_agent(agent: Agent, *, by: Actor) -> bool:
    """End the deprecation of an agent; returns False if it is not deprecated.

    Raises NotOwner.
    """
    agent = _lock_own_agent(agent, by)
    if agent.deprecated_at is None:
        return False
    agent.deprecated_at, agent.deprecation_reason, agent.successor = None, "", ""
    _save(agent, "deprecated_at", "deprecation_reason", "successor")
    record("agent.undeprecated", "agent", agent.full_id, by=by)
    return True


@transaction.atomic
def deprecate_version(agent: Agent, number: str, *, reason: str, by: Actor) -> None:
    """Say that a version should no longer be used; a second call replaces the reason.

    Followers are then not told again. Raises NotOwner, VersionNotFound, InvalidReason or
    TooManyDeprecations.
    """
    agent = _lock_own_agent(agent, by)
    text = checked_reason(reason, is_required=True)
    version = find_version(agent, number)
    former_entry: dict[str, Any] = agent.deprecated_versions.get(version.version, {})
    if former_entry.get("reason") == text:
        return
    entry = {"reason": text, "since": former_entry.get("since") or iso(now())}
    agent.deprecated_versions = agent.deprecated_versions | {version.version: entry}
    if len(agent.deprecated_versions) > MAX_DEPRECATED_VERSIONS:
        raise TooManyDeprecations(
            f"At most {MAX_DEPRECATED_VERSIONS} versions of an agent can be deprecated."
            " Deprecate the agent, or yank versions."
        )
    _save(agent, "deprecated_versions")
    entity_id = f"{agent.full_id}@{version.version}"
    event = "version.deprecation_changed" if former_entry else "version.deprecated"
    record(event, "version", entity_id, by=by, reason=text)


@transaction.atomic
def undeprecate_version(agent: Agent, number: str, *, by: Actor) -> bool:
    """End the deprecation of a version; returns False if it is not deprecated.

    Raises NotOwner or VersionNotFound.
    """
    agent = _lock_own_agent(agent, by)
    version = find_version(agent, number)
    if version.version not in agent.deprecated_versions:
        return False
    del agent.deprecated_versions[version.version]
    _save(agent, "deprecated_versions")
    record("version.undeprecated", "version", f"{agent.full_id}@{version.version}", by=by)
    return True


@transaction.atomic
def archive_agent(agent: Agent, *, by: Actor) -> bool:
    """Say that an agent gets no more versions, and refuse them.

    Returns False if it is archived already. Raises NotOwner.
    """
    agent = _lock_own_agent(agent, by)
    if agent.archived_at is not None:
        return False
    agent.archived_at = now()
    _save(agent, "archived_at")
    record("agent.archived", "agent", agent.full_id, by=by)
    return True


@transaction.atomic
def unarchive_agent(agent: Agent, *, by: Actor) -> bool:
    """Let an archived agent get versions again; returns False if it is not archived.

    Raises NotOwner.
    """
    agent = _lock_own_agent(agent, by)
    if agent.archived_at is None:
        return False
    agent.archived_at = None
    _save(agent, "archived_at")
    record("agent.unarchived", "agent", agent.full_id, by=by)
    return True


def _lock_own_agent(agent: Agent, by: Actor) -> Agent:
    """Lock an agent that the actor publishes. Maintainers delist and yank instead."""
    by.require(scope_to_yank(agent, by), about=agent.full_id)
    if not is_of(agent, by.user_id):
        raise NotOwner
    # The membership first, as a publish does, so that the two do not wait for each other.
    lock_own_agent(agent, by)
    return lock_checked_agent(agent)


def _checked_successor(agent: Agent, successor: str) -> str:
    full_id = successor.strip().lower()
    if not full_id:
        return ""
    if not AGENT_ID.fullmatch(full_id):
        raise InvalidSuccessor("Write the id of the successor: @scope/name.")
    full_id = present_ids([full_id]).get(full_id, full_id)
    if full_id == agent.full_id:
        raise InvalidSuccessor("An agent cannot be its own successor.")
    scope, name = scope_and_name(full_id)
    if not Agent.objects.listed().filter(scope=scope, name=name).exists():
        raise InvalidSuccessor(f"{full_id} is not listed here.")
    return full_id


def _save(agent: Agent, *columns: str) -> None:
    agent.save(update_fields=columns)
    bump_listing(agent.pk)
    index_agents([agent.pk])
