"""The last move of an agent to another scope, as pages and the API show it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from foundation.clock import iso, now
from registry.models import Agent

NEW_OWNER_PERIOD = timedelta(days=30)
"""How long pages and the update check warn that an agent has another publisher."""
MOVE_COLUMNS = ("former_scope", "moved_at")


class MoveOut(BaseModel):
    """``from`` is the id before; it leads to the agent for ever."""

    model_config = ConfigDict(populate_by_name=True)

    from_: str = Field(alias="from")
    at: str


def is_newly_moved(agent: Agent) -> bool:
    """Whether an agent got another publisher within `NEW_OWNER_PERIOD`."""
    return agent.moved_at is not None and agent.moved_at > now() - NEW_OWNER_PERIOD


def move_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """The last move of an agent, from its columns; empty if it never moved."""
    if row["moved_at"] is None:
        return {}
    former_id = f"@{row['former_scope']}/{row['name']}"
    return {"move": {"from": former_id, "at": iso(row["moved_at"])}}
