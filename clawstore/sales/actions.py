"""Selling an agent: one form makes a policy and an offer under it."""

from typing import Any

from django.db import transaction

from foundation.actor import Actor
from registry.agents.prices import AGENT, AGENT_VERSION
from registry.models import Agent
from wordclaw.payments.models import Offer
from wordclaw.payments.offers.actions import create_offer, create_policy
from wordclaw.policy.models import Domain


@transaction.atomic
def sell_agent(
    domain: Domain,
    agent: Agent,
    *,
    version: str,
    amount_satoshis: int,
    terms: dict[str, Any],
    by: Actor,
) -> Offer:
    """Offer an agent, or one version of it, under a new policy.

    Raises what `create_policy` and `create_offer` raise.
    """
    policy_version = create_policy(domain, terms, by=by)
    return create_offer(
        domain,
        subject_type=AGENT_VERSION if version else AGENT,
        subject_id=f"{agent.full_id}@{version}" if version else agent.full_id,
        amount_satoshis=amount_satoshis,
        policy_id=str(policy_version.policy_id),
        by=by,
    )
