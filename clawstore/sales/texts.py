"""Texts with a price, as the pages of buyers show them."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse

from clawstore.editorial.addresses import address_of
from clawstore.editorial.models import ContentPage
from clawstore.editorial.queries import choose_texts
from clawstore.studio.editor.form import DocumentForm
from clawstore.studio.editor.nodes import Node
from clawstore.studio.references import name_targets, targets_for_reader
from clawstore.studio.rendering import render_nodes
from foundation.actor import Actor
from foundation.text.input import read_uuid
from foundation.web.languages import choose_or_default
from wordclaw.content.items.queries import Locale, data_in_language
from wordclaw.content.lookup import reads_drafts
from wordclaw.content.models import ContentItem, ContentType
from wordclaw.content.paywall import ITEM, TYPE, data_for_all, titles_for_all
from wordclaw.content.rules import compiled_schema
from wordclaw.payments.models import Offer
from wordclaw.payments.subjects import Gate
from wordclaw.policy.models import Domain
from wordclaw.schema.locales import schema_of_one_language

READABLE_KINDS = ("guides", "posts", "announcements")
"""Kinds whose own page shows all of the text to its buyers."""


def type_gate(content_type: ContentType, by: Actor) -> Gate:
    """Return the gate of all items of a type."""
    domain = content_type.domain
    return Gate(
        domain_name=domain.name,
        subjects=((TYPE, content_type.slug),),
        is_free_for_reader=lambda: reads_drafts(domain, by),
    )


def published_items(content_type: ContentType) -> QuerySet[ContentItem]:
    """Return what readers find of a type, the newest first."""
    items = ContentItem.objects.alive().of_type(content_type).exclude(published_version=None)
    items = items.defer("data").select_related("content_type__domain", "published_version")
    return items.order_by("-created_at", "id")


def titles_of_texts(
    content_type: ContentType, items: Sequence[ContentItem], languages: Sequence[str]
) -> dict[UUID, str]:
    """Return the titles that every reader sees, in two queries.

    Without a title it is the name of the type.
    """
    titles = titles_for_all(content_type.domain_id, items)
    pages = ContentPage.objects.filter(item__in=[item.pk for item in items])
    of_pages = {
        pk: choose_texts(texts, languages).title for pk, texts in pages.values_list("pk", "texts")
    }
    return {pk: of_pages.get(pk) or title or content_type.name for pk, title in titles.items()}


def public_part(item: ContentItem, languages: Sequence[str]) -> Node:
    """Return the part of a published item that every reader may see."""
    snapshot = item.published_version
    data = snapshot.data if snapshot is not None else {}
    return document(item.content_type, data_for_all(item.content_type, item.pk, data), languages)


def whole_text(item: ContentItem, languages: Sequence[str]) -> Node:
    """Return all of a published item, for a reader with a right to it."""
    snapshot = item.published_version
    return document(item.content_type, snapshot.data if snapshot is not None else {}, languages)


def document(content_type: ContentType, data: dict[str, Any], languages: Sequence[str]) -> Node:
    """Return data as a page shows it, in one language where it has some."""
    schema, localization = content_type.schema, compiled_schema(content_type).localization
    if localization is not None:
        best = choose_or_default(languages, localization.supported_tags)
        tag = best if best in localization.supported_tags else localization.default
        data, _ = data_in_language(content_type, data, Locale(tag, localization.default))
        schema = schema_of_one_language(schema)
    root = DocumentForm(schema, data).node()
    name_targets(root.walk(), targets_for_reader(content_type.domain))
    render_nodes(root.walk())
    return root


def reading_path(domain: Domain, offer: Offer) -> str:
    """Return the page on which a buyer reads what was sold; "" for agents and forms."""
    if offer.subject_type == TYPE:
        return reverse("sold_type", args=[domain, offer.subject_id])
    if offer.subject_type != ITEM:
        return ""
    rows = ContentPage.objects.filter(item=read_uuid(offer.subject_id), kind__in=READABLE_KINDS)
    page = rows.first()
    if page is not None:
        return address_of(domain.name, page.kind, page.slug)
    return reverse("bought_text", args=[domain, offer.subject_id])


def titles_of_offers(offers: Iterable[Offer], languages: Sequence[str]) -> dict[str, str]:
    """Return the titles of sold items that have pages, by their IDs, in one query."""
    ids = [read_uuid(offer.subject_id) for offer in offers if offer.subject_type == ITEM]
    if not ids:
        return {}
    rows = ContentPage.objects.filter(item__in=ids).values_list("item_id", "texts")
    return {str(pk): choose_texts(texts, languages).title for pk, texts in rows}
