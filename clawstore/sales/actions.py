"""Selling: one form makes a policy and an offer under it, or changes both."""

from typing import Any

from django.db import transaction

from foundation.actor import Actor
from registry.agents.prices import AGENT, AGENT_VERSION
from registry.models import Agent
from wordclaw.payments.models import Offer
from wordclaw.payments.offers.actions import (
    change_offer,
    change_policy,
    create_offer,
    create_policy,
)
from wordclaw.payments.offers.queries import newest_version
from wordclaw.payments.subjects import SubjectKey
from wordclaw.policy.models import Domain


@transaction.atomic
def sell(
    domain: Domain, subject: SubjectKey, *, amount_satoshis: int, terms: dict[str, Any], by: Actor
) -> Offer:
    """Offer a subject of a domain under a new policy.

    Raises what `create_policy` and `create_offer` raise.
    """
    policy_version = create_policy(domain, terms, by=by)
    subject_type, subject_id = subject
    return create_offer(
        domain,
        subject_type=subject_type,
        subject_id=subject_id,
        amount_satoshis=amount_satoshis,
        policy_id=str(policy_version.policy_id),
        by=by,
    )


@transaction.atomic
def change_terms(
    domain: Domain, offer: Offer, *, amount_satoshis: int, terms: dict[str, Any], by: Actor
) -> None:
    """Change the price of an offer, and its policy if the terms are others.

    The policy gets a next version. What was sold stays as it was. Raises what `change_policy` and
    `change_offer` raise.
    """
    policy = newest_version(offer.policy_id)
    if any(getattr(policy, name) != value for name, value in terms.items()):
        change_policy(domain, str(offer.policy_id), terms, by=by)
    if amount_satoshis != offer.amount_satoshis:
        change_offer(domain, str(offer.pk), {"amount_satoshis": amount_satoshis}, by=by)


def sell_agent(
    domain: Domain,
    agent: Agent,
    *,
    version: str,
    amount_satoshis: int,
    terms: dict[str, Any],
    by: Actor,
) -> Offer:
    """Offer an agent, or one version of it. Raises what `sell` raises."""
    full_id = agent.full_id
    subject = (AGENT_VERSION, f"{full_id}@{version}") if version else (AGENT, full_id)
    return sell(domain, subject, amount_satoshis=amount_satoshis, terms=terms, by=by)
