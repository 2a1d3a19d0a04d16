"""Refusals of transfers. Codes are public and never change."""

from foundation.refusals import Conflict, Invalid, NotAllowed, NotFound


class TransferNotFound(NotFound):
    code = "transfer_not_found"
    message = "There is no such offer, or it is not for you."


class UnknownScope(Invalid):
    code = "unknown_scope"
    message = "No scope here has this name."


class OwnScope(Invalid):
    code = "own_scope"
    message = "The agent is in this scope already."


class NotConfirmed(Invalid):
    code = "not_confirmed"
    message = "Type the id of the agent to confirm: @scope/name."


class ReceiverSuspended(NotAllowed):
    code = "receiver_suspended"
    message = "The account behind this scope is suspended or deleted."


class SenderSuspended(NotAllowed):
    code = "sender_suspended"
    message = "The account that offers this agent is suspended or deleted."


class TransferBlocked(Conflict):
    """`details["reason"]` is delisted or withheld."""

    code = "transfer_blocked"


class TransferPending(Conflict):
    code = "transfer_pending"
    message = "This agent is offered to a scope already. Cancel that offer first."


class TransferClosed(Conflict):
    """`details["status"]` is accepted, declined, cancelled or expired."""

    code = "transfer_closed"


class NameTaken(Conflict):
    code = "name_taken"


class NameClaimed(Conflict):
    code = "name_claimed"
    message = (
        "A trusted publisher waits to create an agent of this name in the other scope."
        " Its owner can remove it."
    )


class AgentHasOffers(Conflict):
    code = "agent_has_offers"
    message = "This agent is for sale. Stop its offers first; buyers keep what they have paid for."


class TooManyTransfers(Conflict):
    code = "too_many_transfers"


class ReceiverNotOfficial(NotAllowed):
    code = "not_official"
    message = (
        "This agent has versions on the official channel, so only an official publisher can get it."
    )
