"""Questions of the studio: types with their items, rows of lists, and limits."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Max, Q, QuerySet
from django.db.models.fields.json import KeyTransformIsNull

from clawstore.studio.titles import shown_title, titles_of
from foundation.actor import Actor
from foundation.clock import now
from foundation.jobs.models import Job
from foundation.text.input import read_uuid
from wordclaw.content.items.capacity import MAX_ITEMS
from wordclaw.content.items.deletion import RESTORE_PERIOD
from wordclaw.content.items.filters import ItemFilters, filtered_items, key_of, ordered_items
from wordclaw.content.items.references import ReferenceUse
from wordclaw.content.models import ContentItem, ContentType
from wordclaw.content.models.items import (
    ARCHIVED,
    CHANGES_REQUESTED,
    DRAFT,
    IN_REVIEW,
    PUBLISHED,
)
from wordclaw.content.paywall import ITEM, TYPE
from wordclaw.content.rules import MAX_TYPES, compiled_schema
from wordclaw.content.scheduling.actions import CHANGE_STATE
from wordclaw.content.scheduling.queries import jobs_of
from wordclaw.content.summaries import LanguageCoverage, read_summaries
from wordclaw.payments.models import Offer
from wordclaw.payments.offers.queries import offers_of_subjects
from wordclaw.policy.hidden import without_hidden
from wordclaw.policy.models import Domain

RECENT_ITEMS = 10
MAX_DELETED = 200
MAX_SCHEDULED = 500
"""Scheduled changes that lists look at."""
STATES = (
    *("draft", "in_review", "changes_requested"),
    *("published", "changed", "scheduled", "archived"),
)
SORTS = {
    "-updatedAt": "-updatedAt",
    "updatedAt": "updatedAt",
    "-createdAt": "-createdAt",
}


@dataclass(slots=True)
class ItemRow:
    """An item as lists show it."""

    item: ContentItem
    title: str
    state: str
    languages: list[LanguageCoverage] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)
    price: Offer | None = None


@dataclass(slots=True)
class TypeRow:
    """A content type with the numbers of its items by state."""

    content_type: ContentType
    counts: dict[str, int] = field(default_factory=dict)
    last_updated_at: datetime | None = None
    price: Offer | None = None

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def shown_counts(self) -> list[tuple[str, int]]:
        return [(state, self.counts[state]) for state in STATES if self.counts.get(state)]

    @property
    def languages(self) -> tuple[str, ...]:
        localization = compiled_schema(self.content_type).localization
        return localization.supported_tags if localization else ()


@dataclass(frozen=True, slots=True)
class Usage:
    """How much of the limits of a domain is used."""

    types: int
    items: int
    max_types: int = MAX_TYPES
    max_items: int = MAX_ITEMS


def state_of(item: ContentItem) -> str:
    """Return one word for an item: its state of a workflow, or what readers get."""
    if item.held_at is not None:
        return "held"
    if item.status not in (DRAFT, PUBLISHED):
        return item.status
    # For an author both are a text that no reader gets.
    return "draft" if item.publication_state == "unpublished" else item.publication_state


def type_rows(domain: Domain, q: str = "") -> list[TypeRow]:
    """Return the content types of a domain by name, in two queries."""
    types = ContentType.objects.filter(domain=domain, deleted_at=None)
    if q:
        types = types.filter(Q(name__icontains=q) | Q(slug__icontains=q))
    rows = {
        content_type.pk: TypeRow(content_type) for content_type in types.order_by("name", "slug")
    }
    for row in rows.values():
        # Saves a query for each type, as the domain is known.
        row.content_type.domain = domain
    # By the types alone, so that one index has all columns of the answer.
    items = ContentItem.objects.alive().filter(content_type__in=rows)
    groups = items.values("content_type", "publication_state", "status").annotate(
        count=Count("id"), last=Max("updated_at")
    )
    # Without an order: Django would add the columns of the default one to the groups.
    for group in groups.order_by():
        row = rows[group["content_type"]]
        state = group["publication_state"]
        if group["status"] in (ARCHIVED, IN_REVIEW, CHANGES_REQUESTED):
            state = group["status"]
        elif state == "unpublished":
            state = "draft"
        row.counts[state] = row.counts.get(state, 0) + group["count"]
        if row.last_updated_at is None or group["last"] > row.last_updated_at:
            row.last_updated_at = group["last"]
    return list(rows.values())


def add_prices_of_types(domain: Domain, rows: Iterable[TypeRow]) -> None:
    """Set the prices at which whole types are sold, in one query."""
    rows = list(rows)
    keys = [(TYPE, row.content_type.slug) for row in rows]
    offers = offers_of_subjects(keys, domain_name=domain.name)
    for row, key in zip(rows, keys, strict=True):
        row.price = offers.get(key)


def add_prices_of_items(content_type: ContentType, rows: Iterable[ItemRow]) -> Offer | None:
    """Set the prices of items of one type, and return that of the type, in one query."""
    rows = list(rows)
    of_type = (TYPE, content_type.slug)
    keys = [(ITEM, str(row.item.pk)) for row in rows]
    offers = offers_of_subjects([of_type, *keys], domain_name=content_type.domain.name)
    for row, key in zip(rows, keys, strict=True):
        row.price = offers.get(key)
    return offers.get(of_type)


def usage_of(rows: list[TypeRow]) -> Usage:
    return Usage(types=len(rows), items=sum(row.total for row in rows))


def scheduled_jobs(domain: Domain) -> dict[str, list[Job]]:
    """Return the waiting changes of a domain by the id of their item, soonest first."""
    jobs = jobs_of(domain, kind=CHANGE_STATE, status=Job.Status.QUEUED)
    by_item: dict[str, list[Job]] = {}
    for job in jobs.order_by("run_at", "id")[:MAX_SCHEDULED]:
        by_item.setdefault(str(job.payload.get("item", "")), []).append(job)
    return by_item


def recent_items(domain: Domain, *, by: Actor) -> list[ItemRow]:
    """Return the items that were changed last, in one query."""
    items = without_hidden(ContentItem.objects.alive().filter(domain=domain), "pk", domain, by)
    items = items.for_lists().select_related("author").order_by("-updated_at", "id")
    return item_rows(list(items[:RECENT_ITEMS]), {})


def item_rows(items: list[ContentItem], jobs: dict[str, list[Job]]) -> list[ItemRow]:
    summaries = read_summaries(items)
    return [
        ItemRow(
            item,
            shown_title(summaries[item.pk].title, item.content_type, item.pk),
            state_of(item),
            summaries[item.pk].coverage,
            jobs.get(str(item.pk), []),
        )
        for item in items
        # One that was deleted meanwhile.
        if item.pk in summaries
    ]


@dataclass(frozen=True, slots=True)
class ListQuery:
    """The filters of a list of items, as text from the address."""

    q: str = ""
    state: str = ""
    missing_language: str = ""
    sort: str = "-updatedAt"

    @property
    def is_filtered(self) -> bool:
        return bool(self.q or self.state or self.missing_language)


def listed_ids(
    content_type: ContentType, query: ListQuery, jobs: dict[str, list[Job]], *, by: Actor
) -> QuerySet[ContentItem, UUID]:
    """Return the ids of the items of a list; unknown filters are left out.

    Ids alone, because an index has them, and a late page skips thousands of rows.
    """
    filters = ItemFilters(draft=True, q=query.q[:256] or None, sort=SORTS.get(query.sort))
    items = without_hidden(filtered_items(content_type, filters), "pk", content_type.domain, by)
    if query.state in STATES:
        items = items.filter(_state_condition(query.state, jobs))
    if query.missing_language:
        items = items.filter(_missing_condition(content_type, query.missing_language))
    items, order = ordered_items(content_type, items, filters)
    sorted_items = items.order_by(*[sort.order_by() for sort in order])
    return sorted_items.values_list("pk", flat=True)


def items_of_page(ids: list[UUID]) -> list[ContentItem]:
    """Return the items with these ids, in their order."""
    items = ContentItem.objects.filter(pk__in=ids).for_lists()
    by_id = {item.pk: item for item in items.select_related("author")}
    return [by_id[item_id] for item_id in ids if item_id in by_id]


def _state_condition(state: str, jobs: dict[str, list[Job]]) -> Q:
    if state == "scheduled":
        return Q(pk__in=[UUID(item_id) for item_id in jobs])
    if state in (ARCHIVED, IN_REVIEW, CHANGES_REQUESTED):
        return Q(status=state)
    states = ["draft", "unpublished"] if state == "draft" else [state]
    return Q(publication_state__in=states) & ~Q(status=ARCHIVED)


def _missing_condition(content_type: ContentType, language: str) -> Q:
    """Items with a localized field at the top that lacks a language."""
    schema = compiled_schema(content_type)
    # The condition that nothing fulfils, to which the fields are added.
    condition = Q(pk__in=[])
    for name in schema.properties:
        if schema.is_localized(name) and not name.isdigit():
            is_there = KeyTransformIsNull(key_of("data", (name,)), False)
            condition |= Q(is_there, KeyTransformIsNull(key_of("data", (name, language)), True))
    return condition


@dataclass(frozen=True, slots=True)
class UseRow:
    """A place where an item is used, with the title of the item that uses it."""

    item_id: UUID
    title: str
    type_name: str
    version: int
    pointer: str


def rows_of_uses(uses: list[ReferenceUse]) -> list[UseRow]:
    """Return uses with titles, in one query."""
    items = items_by_id([use.item_id for use in uses])
    titles = titles_of(items.values())
    return [
        UseRow(
            use.item_id,
            titles[use.item_id],
            items[use.item_id].content_type.name,
            use.version,
            use.pointer,
        )
        for use in uses
        if use.item_id in titles
    ]


def items_by_id(ids: Iterable[UUID]) -> dict[UUID, ContentItem]:
    """Return items that are not deleted, with their content types, without their data."""
    distinct_ids = set(ids)
    if not distinct_ids:
        return {}
    items = ContentItem.objects.alive().filter(pk__in=distinct_ids)
    return {item.pk: item for item in items.for_lists()}


@dataclass(frozen=True, slots=True)
class JobRow:
    """A scheduled change with the item that it is about."""

    job: Job
    title: str

    @property
    def item_id(self) -> str:
        return str(self.job.payload.get("item", ""))


def jobs_of_item(item: ContentItem) -> list[Job]:
    """Return the scheduled changes of an item, the newest first."""
    jobs = jobs_of(item.content_type.domain, kind=CHANGE_STATE)
    return list(jobs.filter(payload__item=str(item.pk)).order_by("-created_at", "id")[:50])


def planned_rows(domain: Domain) -> list[JobRow]:
    """Return the waiting changes of a domain, soonest first, then those that failed."""
    jobs = jobs_of(domain, kind=CHANGE_STATE)
    unfinished_jobs = jobs.filter(
        status__in=[Job.Status.QUEUED, Job.Status.RUNNING, Job.Status.FAILED]
    )
    rows = list(unfinished_jobs.order_by("run_at", "id")[:MAX_SCHEDULED])
    # In Python, which keeps the order within both groups: the rows are few.
    rows.sort(key=lambda job: job.status == Job.Status.FAILED)
    ids = {job.pk: read_uuid(job.payload.get("item")) for job in rows}
    titles = titles_of(items_by_id(ids.values()).values())
    return [JobRow(job, titles.get(ids[job.pk], "")) for job in rows]


def deleted_items(domain: Domain, *, by: Actor) -> list[ItemRow]:
    """Return the items that can be restored, the newest deletion first."""
    items = ContentItem.objects.filter(
        domain=domain, deleted_at__gte=now() - RESTORE_PERIOD, content_type__deleted_at=None
    )
    items = without_hidden(items, "pk", domain, by)
    items = items.for_lists().select_related("author").order_by("-deleted_at", "id")
    return item_rows(list(items[:MAX_DELETED]), {})
