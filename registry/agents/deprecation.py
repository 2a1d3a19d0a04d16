"""Deprecated and archived agents and versions, as the API prints them."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from foundation.clock import iso
from registry.models import Agent


class DeprecationOut(BaseModel):
    """The publisher's advice not to use an agent; ``successor`` is the one to use."""

    reason: str
    successor: str | None
    since: str


def retirement_of(row: Mapping[str, Any]) -> dict[str, str]:
    """The times of a deprecation and an archiving; empty for most agents."""
    moments = {"deprecatedAt": row["deprecated_at"], "archivedAt": row["archived_at"]}
    return {name: iso(moment) for name, moment in moments.items() if moment is not None}


def deprecation_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """The deprecation of an agent, from its columns; empty if it has none."""
    if row["deprecated_at"] is None:
        return {}
    deprecation = {
        "reason": row["deprecation_reason"],
        "successor": row["successor"] or None,
        "since": iso(row["deprecated_at"]),
    }
    return {"deprecation": deprecation}


def version_deprecation(agent: Agent, number: str) -> dict[str, Any]:
    """The deprecation of a version, or of its agent; empty if it has none.

    The successor is always that of the agent.
    """
    if entry := agent.deprecated_versions.get(number):
        return {"deprecation": {"successor": agent.successor or None} | entry}
    return deprecation_of(vars(agent))
