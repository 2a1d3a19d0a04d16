"""Prices of agents, from their active offers.

They are stored in columns of the agent, so that lists and free agents read no offers.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from registry.models import Agent
from wordclaw.payments.models import Offer

AGENT, AGENT_VERSION = "agent", "agent_version"
"""The names of agents and versions among the subjects of offers."""

PRICE_COLUMNS = ("has_offers", "price_satoshis", "price_offer_id")


def price_columns(agents: Sequence[Agent], numbers: Mapping[UUID, str]) -> dict[UUID, Any]:
    """Return the price columns of each agent, in one query.

    ``numbers`` has the shown version by agent. Its price is that of its own offer, else that of the
    whole agent; of several the lowest.
    """
    prices = _active_prices({agent.scope for agent in agents})
    return {agent.pk: _columns(agent, numbers.get(agent.pk, ""), prices) for agent in agents}


def prices_of_versions(agent: Agent, numbers: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return the JSON of the offer of each version that has one.

    One query, and none for an agent without offers.
    """
    if not agent.has_offers:
        return {}
    prices = _active_prices({agent.scope})
    best = {
        number: prices.get(f"{agent.full_id}@{number}") or prices.get(agent.full_id)
        for number in numbers
    }
    return {
        number: {"id": str(price[1]), "amountSatoshis": price[0]}
        for number, price in best.items()
        if price is not None
    }


Prices = Mapping[str, tuple[int, UUID]]


def _active_prices(scopes: set[str]) -> Prices:
    """Return amount and ID of the best offer by the ID of its subject."""
    offers = Offer.objects.filter(
        is_active=True, subject_type__in=(AGENT, AGENT_VERSION), domain__name__in=scopes
    )
    rows = offers.values_list("subject_id", "amount_satoshis", "pk")
    # The lowest amount comes last, and replaces the others.
    best_last = sorted(rows, key=lambda row: (row[1], row[2].hex), reverse=True)
    return {subject_id: (amount, offer_id) for subject_id, amount, offer_id in best_last}


def _columns(agent: Agent, number: str, prices: Prices) -> dict[str, Any]:
    price = prices.get(f"{agent.full_id}@{number}") or prices.get(agent.full_id)
    has_offers = price is not None or any(
        subject_id.startswith(f"{agent.full_id}@") for subject_id in prices
    )
    amount, offer_id = price or (None, None)
    return {"has_offers": has_offers, "price_satoshis": amount, "price_offer_id": offer_id}
