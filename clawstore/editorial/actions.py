"""Keeping pages in step with published content.

`update_page` runs in the transaction of each change that readers can see, so a page is never older
than its content.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q

from clawstore.editorial.agent_texts import (
    agents_of,
    update_guide_counts,
    update_listings,
    wrong_agent_texts,
)
from clawstore.editorial.errors import PageSlugTaken
from clawstore.editorial.frame import store_frame
from clawstore.editorial.kinds import (
    KINDS,
    LISTINGS,
    ON_AGENT_PAGES,
    PageAgent,
    PageContent,
    PageKind,
    kind_of,
)
from clawstore.editorial.models import ContentPage, ContentPageAgent, RenderedContent
from clawstore.editorial.prices import data_of_page
from clawstore.editorial.rendering import render_after_commit
from clawstore.editorial.revisions import bump_content
from registry.agents.former_addresses import present_ids
from registry.models import Agent
from registry.rules.identifiers import AGENT_ID, scope_and_name
from wordclaw.content.models import ContentItem, ContentItemVersion, ContentType
from wordclaw.content.models.items import PUBLISHED
from wordclaw.content.paywall import offer_of


def update_page(item: ContentItem) -> None:
    """Store, change or delete the page of an item, and mark what shows it as changed.

    Raises InvalidPageSlug or PageSlugTaken.
    """
    kind = kind_of(item.content_type)
    page = ContentPage.objects.filter(item=item).first()
    # Most content types have no pages, and their changes must not invalidate any.
    if kind is None and page is None:
        return
    # The agents of the former version, too: one that is named no more must lose the page.
    agent_ids = set(agents_of(page))
    content = page_content(item, kind)
    if content is None or kind is None:
        _delete(page)
    else:
        # Before it is rendered again, now with more or with less of its text.
        forget_renderings(item, page)
        _store(item, kind, content)
        agent_ids |= set(agents_of(ContentPage.objects.get(item=item)))
    _mark_as_changed(item.content_type, agent_ids)


def page_content(item: ContentItem, kind: PageKind | None) -> PageContent | None:
    """Return what the page of an item shows; None if it has no page."""
    if kind is None or item.deleted_at is not None or item.published_version is None:
        return None
    data, _ = data_of_page(item.content_type, item.pk, item.published_version.data, kind)
    return kind.read(data, item_id=item.pk)


def price_of(item: ContentItem) -> int | None:
    """Return the price of an item in satoshis; None if it is free."""
    offer = offer_of(item.content_type, item.pk)
    return offer.amount_satoshis if offer else None


def forget_renderings(item: ContentItem, page: ContentPage | None) -> None:
    """Delete the HTML of all versions of an item that has, had or gets a price.

    The marks of fields that it depends on may have changed as well as the price.
    """
    had_price = page is not None and page.price_satoshis is not None
    if had_price or price_of(item) is not None:
        RenderedContent.objects.filter(version__item=item).delete()


def _delete(page: ContentPage | None) -> None:
    if page is not None:
        page.delete()


def _store(item: ContentItem, kind: PageKind, content: PageContent) -> None:
    columns = page_columns(item, kind, content)
    try:
        # A savepoint: PostgreSQL refuses all further queries of a transaction after an error.
        with transaction.atomic():
            page, _ = ContentPage.objects.update_or_create(item=item, defaults=columns)
    except IntegrityError as error:
        pages = ContentPage.objects.filter(domain_id=item.domain_id, kind=kind.slug)
        item_with_slug = pages.filter(slug=content.slug).values_list("item_id", flat=True).first()
        raise PageSlugTaken(slug=content.slug, contentItemId=str(item_with_slug)) from error
    # Replaced whole, because the order of all may have changed.
    ContentPageAgent.objects.filter(page=page).delete()
    ContentPageAgent.objects.bulk_create(
        ContentPageAgent(page=page, agent_id=agent_id, position=position, texts=words)
        for position, (agent_id, words) in enumerate(known_agents(content.agents))
    )
    if content.bodies:
        render_after_commit(columns["version_id"])


def page_columns(item: ContentItem, kind: PageKind, content: PageContent) -> dict[str, Any]:
    """Return the columns of the page of a published item."""
    return {
        "version_id": item.published_version_id,
        "domain_id": item.domain_id,
        "kind": kind.slug,
        "slug": content.slug,
        "position": content.position,
        "texts": content.texts,
        "price_satoshis": price_of(item),
        # The first time: a corrected typing error must not lift an old text to the top of the news.
        "published_at": first_published_at(item),
        "changed_at": item.published_at,
    }


def first_published_at(item: ContentItem) -> datetime:
    """Return when an item was published first, whatever happened to it since."""
    versions = ContentItemVersion.objects.filter(item=item, status=PUBLISHED).order_by("version")
    first: datetime = versions.values_list("created_at", flat=True)[0]
    return first


def known_agents(agents: Iterable[PageAgent]) -> list[tuple[UUID, dict[str, str]]]:
    """Return the ids of the agents with the words about each, in order; two queries."""
    page_agents = [agent for agent in agents if AGENT_ID.match(agent.full_id)]
    # A text may go on naming an agent by an id that it has left.
    ids = present_ids({agent.full_id for agent in page_agents})
    entries = {ids.get(agent.full_id, agent.full_id): agent.words for agent in page_agents}
    condition = Q(pk__in=[])
    for full_id in entries:
        scope, name = scope_and_name(full_id)
        # Pairs and not two lists of names, which would also match agents of other publishers.
        condition |= Q(scope=scope, name=name)
    rows = Agent.objects.filter(condition).values_list("scope", "name", "pk")
    keys = {f"@{scope}/{name}": pk for scope, name, pk in rows}
    return [(keys[full_id], words) for full_id, words in entries.items() if full_id in keys]


def _mark_as_changed(content_type: ContentType, agent_ids: set[UUID]) -> None:
    kind = kind_of(content_type)
    bump_content(content_type.domain.name)
    if kind is None or kind.is_on_every_page:
        store_frame()
    if content_type.slug in ON_AGENT_PAGES:
        update_guide_counts(agent_ids)
    if content_type.slug == LISTINGS:
        update_listings(agent_ids)


@transaction.atomic
def update_pages_of(content_type: ContentType) -> None:
    """Update the pages of a content type whose visibility or schema has changed."""
    if content_type.slug not in KINDS:
        return
    items = ContentItem.objects.alive().filter(content_type=content_type)
    published_items = items.exclude(published_version=None).with_readers_parts()
    # The oldest first, so that of two items with one slug the earlier keeps the address.
    for item in published_items.order_by("published_at", "pk").iterator(chunk_size=500):
        # The type as it is now; the row in the query may still have the former visibility.
        item.content_type = content_type
        update_page(item)


@transaction.atomic
def store_pages_again() -> int:
    """Compute all pages from the published content; return their number.

    Rendered HTML of versions that are still published is kept.
    """
    ContentPage.objects.all().delete()
    count = 0
    for item in items_with_pages():
        kind = kind_of(item.content_type)
        content = page_content(item, kind)
        if kind is not None and content is not None:
            _store(item, kind, content)
            count += 1
    store_frame()
    repair_agent_texts()
    return count


def repair_agent_texts() -> None:
    """Hand down to agents what differs from content."""
    differences = list(wrong_agent_texts())
    update_guide_counts([pk for pk, _, column, _, _ in differences if column == "guide_count"])
    update_listings([pk for pk, _, column, _, _ in differences if column == "taglines"])


def items_with_pages() -> Iterator[ContentItem]:
    """Yield the published items of types whose items may have pages."""
    items = ContentItem.objects.alive().filter(content_type__slug__in=KINDS)
    published_items = items.exclude(published_version=None).with_readers_parts()
    yield from published_items.order_by("created_at", "pk").iterator(chunk_size=500)


def wrong_pages() -> Iterator[tuple[str, object, object]]:
    """Yield address, stored and actual columns of each page that is wrong."""
    names = (
        *("version_id", "domain_id", "kind", "slug", "position", "texts"),
        *("price_satoshis", "published_at"),
    )
    pages = {page["item_id"]: page for page in ContentPage.objects.values("item_id", *names)}
    for item in items_with_pages():
        kind = kind_of(item.content_type)
        content = page_content(item, kind)
        page = pages.pop(item.pk, None)
        actual: dict[str, Any] | None = None
        if kind is not None and content is not None:
            columns = page_columns(item, kind, content)
            actual = {"item_id": item.pk, **{name: columns[name] for name in names}}
        if page != actual:
            yield f"content {item.pk}", page, actual
    for item_id, page in pages.items():
        # What remains are pages whose item has none any more.
        yield f"content {item_id}", page, None
