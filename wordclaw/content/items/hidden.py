"""Filters and searches that reveal nothing of fields with a price."""

from collections.abc import Collection
from typing import Any

from django.db.models import Q, QuerySet, TextField
from django.db.models.fields.json import KeyTransform
from django.db.models.functions import Cast

from wordclaw.content.errors import UnknownFilterField
from wordclaw.content.models import ContentItem, ContentType
from wordclaw.content.paywall import Paywall, hidden_fields
from wordclaw.content.rules import compiled_schema

# Each is looked up in the JSON of each item of the list.
MAX_SEARCHED_FIELDS = 20
MESSAGE = "This field has a price: readers without a right cannot filter or sort by it."


def without_hidden_answers(
    items: QuerySet[ContentItem],
    content_type: ContentType,
    names: Collection[str],
    paywall: Paywall,
) -> QuerySet[ContentItem]:
    """Leave out the items whose hidden field a filter or an order names.

    Raises UnknownFilterField if that would be all items.
    """
    if not paywall.is_there or not names:
        return items
    secret_names = hidden_fields(content_type)
    asked_names = [name for name in names if secret_names is None or name in secret_names]
    if not asked_names:
        return items
    if paywall.type_offer is not None:
        raise UnknownFilterField(MESSAGE, field=asked_names[0])
    return items.exclude(pk__in=list(paywall.item_offers))


def visible_matches(
    matches: Q, content_type: ContentType, data: str, text: str, paywall: Paywall
) -> Q:
    """Return the condition of a text search: of what has a price, only what is shown."""
    if not paywall.is_there:
        return matches
    visible_ones = _matches_in_visible_fields(content_type, data, text)
    if paywall.type_offer is not None:
        return visible_ones
    is_gated = Q(pk__in=list(paywall.item_offers))
    return (matches & ~is_gated) | (visible_ones & is_gated)


def _matches_in_visible_fields(content_type: ContentType, data: str, text: str) -> Q:
    secret_names = hidden_fields(content_type)
    # Without a mark, nothing of the data is shown.
    properties = compiled_schema(content_type).properties if secret_names is not None else ()
    names = [name for name in properties if name not in (secret_names or ())]
    condition = Q(pk__in=[])
    for name in names[:MAX_SEARCHED_FIELDS]:
        if name.isdigit():
            # Databases take digits for an index of a list.
            continue
        field = Cast(KeyTransform(name, data), TextField())
        condition |= Q(pk__in=_items_with(field, content_type, text))
    return condition


def _items_with(field: Cast, content_type: ContentType, text: str) -> Any:
    items = ContentItem.objects.of_type(content_type).alias(visible_text=field)
    return items.filter(visible_text__icontains=text).values("pk")
