"""Ids that moved agents have left: each leads to the agent for ever."""

from collections import defaultdict
from collections.abc import Collection
from typing import NoReturn

from django.db.models import Q

from registry.errors import AgentMoved, AgentNotFound
from registry.models import Agent, FormerAddress
from registry.rules.identifiers import AGENT_ID, scope_and_name


def refuse_unknown(scope: str, name: str) -> NoReturn:
    """Raise AgentMoved for an id that an agent has left, else AgentNotFound."""
    scope, name = scope.lower(), name.lower()
    full_id = present_id(scope, name)
    if full_id:
        raise AgentMoved(f"@{scope}/{name}", full_id)
    raise AgentNotFound


def refuse_former(scope: str, name: str) -> None:
    """Raise AgentMoved for an id that an agent has left: nothing else may get it."""
    full_id = present_id(scope, name)
    if full_id:
        raise AgentMoved(f"@{scope}/{name}", full_id)


def present_id(scope: str, name: str) -> str:
    """Return the present id of an agent by a former one; blank for any other id."""
    addresses = FormerAddress.objects.filter(scope=scope, name=name).select_related("agent")
    address = addresses.only("agent__scope", "agent__name").first()
    return address.agent.full_id if address else ""


def present_ids(full_ids: Collection[str]) -> dict[str, str]:
    """Return the present ids of agents by former ones, in one query.

    Ids that no agent has left are absent.
    """
    names: defaultdict[str, set[str]] = defaultdict(set)
    for full_id in full_ids:
        if AGENT_ID.fullmatch(full_id):
            scope, name = scope_and_name(full_id)
            names[scope].add(name)
    if not names:
        return {}
    # One condition per scope: one per agent would make a deep expression.
    conditions = [Q(scope=scope, name__in=of_scope) for scope, of_scope in names.items()]
    addresses = FormerAddress.objects.filter(Q(*conditions, _connector=Q.OR))
    rows = addresses.values_list("scope", "name", "agent__scope", "agent__name")
    return {
        f"@{scope}/{name}": f"@{new_scope}/{new_name}" for scope, name, new_scope, new_name in rows
    }


def former_ids_of(agent: Agent) -> list[str]:
    """Return all ids that an agent has left, the last one first.

    No query for an agent that never moved.
    """
    if agent.moved_at is None:
        return []
    addresses = FormerAddress.objects.filter(agent=agent).order_by("-left_at", "-id")
    return [address.full_id for address in addresses]
