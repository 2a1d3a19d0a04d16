"""API: offer an agent to another scope, and answer such an offer."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from ninja import Router, Status

from foundation.access.api import public, signed_in
from foundation.limits.middleware import Limited
from foundation.web.requests import Request
from foundation.web.responses import json_response
from registry.agents.queries import find_agent, find_visible_agent
from registry.transfers import actions
from registry.transfers.queries import moves_of, open_transfers_of, owned_scopes
from registry.transfers.schemas import (
    Accepted,
    MoveList,
    TransferIn,
    TransferList,
    TransferOut,
    move_out,
    transfer_out,
)

router = Router(tags=["transfers"])
AGENT = "/agents/{scope}/{name}"
TRANSFER = "/transfers/{transfer_id}"
READ: dict[str, Any] = {"throttle": [Limited("read")]}
WRITE: dict[str, Any] = {"auth": signed_in, "throttle": [Limited("lifecycle")]}


@router.post(
    f"{AGENT}/transfer",
    response={201: TransferOut},
    auth=signed_in,
    throttle=[Limited("transfer")],
)
def offer_agent(
    request: Request, scope: str, name: str, body: TransferIn
) -> Status[dict[str, Any]]:
    """Offer an agent to another scope, whose owner accepts or declines within 14 days.

    `confirm` is the id of the agent, typed again. After the acceptance the agent has the id
    `@<to>/<name>`, the former id leads to it for ever, and you can publish it no longer."""
    transfer = actions.offer_agent(
        find_agent(scope.lstrip("@"), name), to=body.to, confirmation=body.confirm, by=request.auth
    )
    return Status(201, transfer_out(transfer))


@router.get("/transfers", response=TransferList, auth=signed_in, **READ)
def list_transfers(request: Request) -> HttpResponse:
    """The open offers of agents to your scopes, and from them."""
    user = request.auth.require("read")
    transfers = open_transfers_of(owned_scopes(user.pk))
    return json_response({"items": [transfer_out(transfer) for transfer in transfers]})


@router.post(f"{TRANSFER}/accept", response=Accepted, **WRITE)
def accept_transfer(request: Request, transfer_id: UUID) -> dict[str, Any]:
    """Accept an agent that was offered to your scope.

    Its versions, reviews, downloads and followers come with it. Keys that are bound to it and
    trusted publishers end: add yours."""
    agent = actions.accept_transfer(transfer_id, by=request.auth)
    return {"ok": True, "id": agent.full_id}


@router.post(f"{TRANSFER}/decline", response=TransferOut, **WRITE)
def decline_transfer(request: Request, transfer_id: UUID) -> dict[str, Any]:
    """Decline an agent that was offered to your scope."""
    return transfer_out(actions.decline_transfer(transfer_id, by=request.auth))


@router.post(f"{TRANSFER}/cancel", response=TransferOut, **WRITE)
def cancel_transfer(request: Request, transfer_id: UUID) -> dict[str, Any]:
    """Take back the offer of an agent, before it is accepted."""
    return transfer_out(actions.cancel_transfer(transfer_id, by=request.auth))


@router.get(f"{AGENT}/moves", response=MoveList, by_alias=True, auth=public, **READ)
def list_moves(request: Request, scope: str, name: str) -> HttpResponse:
    """All moves of an agent to another scope, the newest first."""
    agent = find_visible_agent(scope.lstrip("@"), name, by=request.auth)
    items = [move_out(agent, transfer) for transfer in moves_of(agent)]
    return json_response({"id": agent.full_id, "items": items})
