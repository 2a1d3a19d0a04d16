"""Content that has a price: what readers without a right see of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any
from uuid import UUID

from django.db.models import UUIDField

from foundation.actor import Actor
from foundation.compiled_instances import CompiledInstances
from foundation.compiled_query import Parameter
from wordclaw.content.lookup import reads_drafts
from wordclaw.content.models import ContentItem, ContentType
from wordclaw.content.summaries import title_in
from wordclaw.payments.errors import PreviewPaywallUnsupported
from wordclaw.payments.models import Offer
from wordclaw.payments.offers.queries import active_offers
from wordclaw.payments.subjects import Gate, SubjectKey
from wordclaw.schema.premium import hidden_names, visible_data

ITEM, TYPE = "content_item", "content_type"


def subjects_of(content_type: ContentType, item_id: UUID) -> tuple[SubjectKey, ...]:
    """Return the subjects of offers that cover an item, the narrowest first."""
    return ((ITEM, str(item_id)), (TYPE, content_type.slug))


def gate_of(item: ContentItem, by: Actor) -> Gate:
    """Return the gate of an item's published version; members read freely."""
    domain = item.content_type.domain
    snapshot = item.published_version
    return Gate(
        domain_name=domain.name,
        subjects=subjects_of(item.content_type, item.pk),
        is_free_for_reader=lambda: reads_drafts(domain, by),
        version=str(snapshot.version) if snapshot else "",
    )


def offer_of(content_type: ContentType, item_id: UUID) -> Offer | None:
    """Return the offer at which an item is sold, or None if it is free."""
    offers = active_offers(content_type.domain.name, subjects_of(content_type, item_id))
    return offers[0] if offers else None


def require_free(item: ContentItem) -> None:
    """Raise PreviewPaywallUnsupported for what has a price: a link has no buyer."""
    if offer_of(item.content_type, item.pk) is not None:
        raise PreviewPaywallUnsupported


def data_for_all(content_type: ContentType, item_id: UUID, data: dict[str, Any]) -> dict[str, Any]:
    """Return the part of an item's data that every reader may see."""
    if offer_of(content_type, item_id) is None:
        return data
    return visible_data(content_type.schema, data)


@dataclass(frozen=True, slots=True)
class Paywall:
    """The prices of one content type, for a reader without a right to all of it.

    ``type_offer`` is that of the type; ``item_offers`` are those of items, by their IDs.
    """

    type_offer: Offer | None = None
    item_offers: Mapping[UUID, Offer] = field(default_factory=dict)

    @property
    def is_there(self) -> bool:
        return self.type_offer is not None or bool(self.item_offers)

    def offer_of(self, item_id: UUID) -> Offer | None:
        return self.item_offers.get(item_id) or self.type_offer


NO_PAYWALL = Paywall()


def paywall_of(content_type: ContentType, by: Actor) -> Paywall:
    """Return the prices that a list of a type respects, in one query if there is none."""
    domain = content_type.domain
    rows = _offers_of_content_query().instances(domain_id=domain.pk)
    # The cheapest offer of a subject comes last and wins.
    of_items = {UUID(row.subject_id): row for row in rows if row.subject_type == ITEM}
    of_type = [
        row for row in rows if row.subject_type == TYPE and row.subject_id == content_type.slug
    ]
    wall = Paywall(of_type[-1] if of_type else None, of_items)
    if not wall.is_there or reads_drafts(domain, by):
        return NO_PAYWALL
    # Offers of items of other types would only make conditions of queries longer.
    known_ids = set(
        ContentItem.objects.filter(content_type=content_type, pk__in=of_items).values_list(
            "pk", flat=True
        )
    )
    return replace(wall, item_offers={pk: row for pk, row in of_items.items() if pk in known_ids})


@cache
def _offers_of_content_query() -> CompiledInstances[Offer]:
    offers = Offer.objects.filter(
        domain=Parameter("domain_id", UUIDField()), is_active=True, subject_type__in=(ITEM, TYPE)
    )
    offers = offers.order_by("-amount_satoshis", "-created_at", "id")
    return CompiledInstances(offers, relations=(), annotations=(), is_prepared=True)


def hidden_fields(content_type: ContentType) -> frozenset[str] | None:
    """Return the fields at the top that a paywall hides; None: all of them."""
    return hidden_names(content_type.schema)


def titles_for_all(domain_id: UUID, items: Iterable[ContentItem]) -> dict[UUID, str]:
    """Return the titles that every reader of published items may see, in one query.

    The items have their types and published versions. "" where a price hides the title.
    """
    rows = _offers_of_content_query().instances(domain_id=domain_id)
    sold_subjects = {(row.subject_type, row.subject_id) for row in rows}
    titles = {}
    for item in items:
        content_type, snapshot = item.content_type, item.published_version
        data = snapshot.data if snapshot is not None else {}
        if not sold_subjects.isdisjoint(subjects_of(content_type, item.pk)):
            data = visible_data(content_type.schema, data)
        titles[item.pk] = title_in(content_type, data)
    return titles
