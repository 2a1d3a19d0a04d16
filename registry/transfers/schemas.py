"""JSON schemas of transfers, in camelCase."""

from typing import Any

from ninja import Schema
from pydantic import BaseModel, ConfigDict, Field, StrictStr

from foundation.clock import iso, iso_or_none
from registry.models import Agent, AgentTransfer


class TransferIn(BaseModel):
    """``to`` is a scope; ``confirm`` is the id of the agent, typed again."""

    model_config = ConfigDict(strict=True)

    to: StrictStr
    confirm: StrictStr


class TransferOut(Schema):
    """An offer: offered, accepted, declined, cancelled or expired."""

    id: str
    agent: str
    fromScope: str
    toScope: str
    status: str
    offeredBy: str
    createdAt: str
    expiresAt: str
    decidedAt: str | None


class TransferList(Schema):
    items: list[TransferOut]


class Accepted(Schema):
    """``id`` is the new id of the agent."""

    ok: bool
    id: str


class MoveItem(Schema):
    from_: str = Field(alias="from")
    to: str
    at: str


class MoveList(Schema):
    """``id`` is the present id; ``items`` are all moves, the newest first."""

    id: str
    items: list[MoveItem]


def transfer_out(transfer: AgentTransfer) -> dict[str, Any]:
    is_expired = transfer.status == AgentTransfer.Status.OFFERED and not transfer.is_open
    return {
        "id": str(transfer.pk),
        "agent": transfer.agent.full_id,
        "fromScope": transfer.from_scope,
        "toScope": transfer.to_scope,
        "status": AgentTransfer.Status.EXPIRED.value if is_expired else transfer.status,
        "offeredBy": transfer.offered_by.username,
        "createdAt": iso(transfer.created_at),
        "expiresAt": iso(transfer.expires_at),
        "decidedAt": iso_or_none(transfer.decided_at),
    }


def move_out(agent: Agent, transfer: AgentTransfer) -> dict[str, str | None]:
    return {
        "from": f"@{transfer.from_scope}/{agent.name}",
        "to": f"@{transfer.to_scope}/{agent.name}",
        "at": iso_or_none(transfer.decided_at),
    }
