"""Offers of the demo: one agent and one guide have a price.

Where nothing can be sold, the demo sells nothing: what has an offer would be closed to all.
"""

from typing import Any

from django.conf import settings

from devtools.demo.people import actor_named
from registry.agents.prices import AGENT
from wordclaw.content.models import ContentItem
from wordclaw.content.paywall import ITEM
from wordclaw.payments.models import Offer
from wordclaw.payments.offers.actions import create_offer, create_policy
from wordclaw.payments.providers.choice import DISABLED
from wordclaw.policy.actions import find_domain


def add_offers(offers: list[dict[str, Any]]) -> None:
    """Start the offers of the demo, unless their subjects have had one before."""
    if settings.PAYMENT_PROVIDER == DISABLED:
        return
    for row in offers:
        kind, subject_id = _subject_of(row)
        if subject_id and not Offer.objects.filter(subject_type=kind, subject_id=subject_id).exists():
            _add_offer(row, kind, subject_id)


def _subject_of(row: dict[str, Any]) -> tuple[str, str]:
    """Return type and ID of a subject; the ID is "" if the item was deleted."""
    if "agent" in row:
        return AGENT, row["agent"]
    items = ContentItem.objects.alive().filter(
        domain__name=row["by"],
        content_type__slug=row["kind"],
        published_version__data__slug=row["slug"],
    )
    item = items.first()
    return ITEM, str(item.pk) if item else ""


def _add_offer(row: dict[str, Any], kind: str, subject_id: str) -> None:
    by = actor_named(row["by"])
    domain = find_domain(row["by"], by)
    terms = {"name": row["policy"], "max_reads": None, "ttl_seconds": None, "terms": row["terms"]}
    policy_version = create_policy(domain, terms, by=by)
    create_offer(
        domain,
        subject_type=kind,
        subject_id=subject_id,
        amount_satoshis=row["satoshis"],
        policy_id=str(policy_version.policy_id),
        by=by,
    )
