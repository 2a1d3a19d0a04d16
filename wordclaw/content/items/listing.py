"""Reads pages of a list of items, each row with its data as JSON text.

The text goes into the answer as the database has it: decoding a document, only to encode it again,
took as long as the rest of the request.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from django.db.models import CharField, F, QuerySet, TextField, UUIDField
from django.db.models.functions import Cast

from foundation.accounts.models import is_former_name
from foundation.actor import Actor
from foundation.compiled_query import CompiledQuery, Parameter, Row
from foundation.paging import Ordering, Page, after_values, build_page, column_field, read_cursor
from foundation.query_time import limited_queries
from wordclaw.content.items.filters import (
    SORT_VALUE,
    ItemFilters,
    data_column,
    filtered_items,
    list_name,
    order_by_column,
    order_by_stored_value,
    ordered_items,
    shown_items,
    stored_field,
)
from wordclaw.content.models import ContentItem, ContentType
from wordclaw.content.paywall import NO_PAYWALL, Paywall
from wordclaw.policy.hidden import hidden_items

MAX_SECONDS = 2.0
"""Filters may look through gigabytes of documents, which no index helps."""
MAX_COMPILED = 128
"""Lists whose SQL is kept, of about 60 kB each."""
POSITION = "position_"
"""The beginning of the parameters with the position of a cursor."""


@dataclass(frozen=True, slots=True)
class ListedItem:
    """A row of a list: of the working copy, or of the published version.

    ``data_text`` is the data as JSON. ``author`` is a login; None for the system and for people who
    have left.
    """

    id: UUID
    data_text: str
    created_at: datetime
    published_version: int | None
    published_at: datetime | None
    status: str
    version: int
    publication_state: str
    schema_version: int
    author: str | None
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class _Shape:
    """The parts of a request that make the SQL of a list; all else are parameters.

    ``sort`` is that of the request, or only its direction if a stored field gives the order.
    """

    draft: bool
    sort: str
    is_stored: bool
    has_status: bool
    has_cursor: bool
    limit: int


@dataclass(frozen=True, slots=True)
class _CompiledList:
    query: CompiledQuery
    order: Ordering


def fetch_items(
    content_type: ContentType,
    filters: ItemFilters,
    *,
    by: Actor,
    paywall: Paywall = NO_PAYWALL,
    limit: int,
    cursor: str | None,
) -> Page[ListedItem]:
    """Return a page of a list.

    Raises UnknownFilterField, InvalidParameter or QueryTooLong.
    """
    field = stored_field(content_type, filters)
    has_times = filters.created_after is not None or filters.created_before is not None
    # An order by a field that has a price leaves out the items that are sold.
    has_other_sort = filters.sort_field and (field is None or paywall.is_there)
    # Hidden are drafts alone, such as what senders of forms wrote about a maintainer.
    hidden_ids = hidden_items(content_type.domain, by) if filters.draft else None
    is_plain = hidden_ids is not None or has_times or has_other_sort
    if filters.q or filters.fields or is_plain:
        items = filtered_items(content_type, filters, paywall)
        if hidden_ids is not None:
            items = items.exclude(pk__in=hidden_ids)
        rows, order = _read_plainly(content_type, items, filters, limit, cursor)
    else:
        rows, order = _read_compiled(content_type, filters, field, limit, cursor)
    page = build_page(rows, order, limit, list_name(filters, order))
    return Page([_listed_item(row, draft=filters.draft) for row in page.items], page.next_cursor)


def _read_plainly(
    content_type: ContentType,
    items: QuerySet[ContentItem],
    filters: ItemFilters,
    limit: int,
    cursor: str | None,
) -> tuple[list[Row], Ordering]:
    items, order = ordered_items(content_type, items, filters)
    if cursor:
        position = read_cursor(ContentItem, order, cursor, list_name(filters, order))
        items = items.filter(after_values(order, position))
    rows = _rows(items, order, draft=filters.draft)[: limit + 1]
    if filters.q or filters.fields or order[0].column == SORT_VALUE:
        with limited_queries(MAX_SECONDS, using=items.db):
            return list(rows), order
    return list(rows), order


def _read_compiled(
    content_type: ContentType,
    filters: ItemFilters,
    field: str | None,
    limit: int,
    cursor: str | None,
) -> tuple[list[Row], Ordering]:
    sort = filters.sort_name if field is None else filters.sort_name[: filters.is_descending]
    has_status = filters.status is not None
    shape = _Shape(filters.draft, sort, field is not None, has_status, bool(cursor), limit)
    compiled_list = _compiled_list(shape)
    order = compiled_list.order
    position = read_cursor(ContentItem, order, cursor, list_name(filters, order)) if cursor else []
    parameters = {f"{POSITION}{number}": value for number, value in enumerate(position)}
    rows = compiled_list.query.rows(
        type_id=content_type.pk, field=field, status=filters.status, **parameters
    )
    return rows, order


@lru_cache(maxsize=MAX_COMPILED)
def _compiled_list(shape: _Shape) -> _CompiledList:
    type_id, field = Parameter("type_id", UUIDField()), Parameter("field", CharField())
    status = Parameter("status", CharField()) if shape.has_status else None
    items = shown_items(type_id, draft=shape.draft, status=status)
    if shape.is_stored:
        items, order = order_by_stored_value(
            items, type_id, field, draft=shape.draft, is_descending=bool(shape.sort)
        )
    else:
        items, order = order_by_column(items, draft=shape.draft, sort=shape.sort)
    if shape.has_cursor:
        position = [
            Parameter(f"{POSITION}{number}", column_field(ContentItem, sort))
            for number, sort in enumerate(order)
        ]
        items = items.filter(after_values(order, position))
    rows = _rows(items, order, draft=shape.draft)[: shape.limit + 1]
    return _CompiledList(CompiledQuery(rows, is_prepared=True), order)


def _rows(
    items: QuerySet[ContentItem], order: Ordering, *, draft: bool
) -> QuerySet[ContentItem, Row]:
    """The columns of a list and of its order."""
    columns = {
        "shown_data": Cast(data_column(draft=draft), TextField()),
        "live_version": F("published_version__version"),
    }
    plain_columns = ["id", "created_at", "published_at"]
    if draft:
        plain_columns += ["status", "version", "publication_state", "schema_version", "updated_at"]
        columns["shown_author"] = F("author__username")
    else:
        columns |= {
            "shown_status": F("published_version__status"),
            "shown_schema_version": F("published_version__schema_version"),
            "shown_author": F("published_version__author__username"),
            "shown_at": F("published_version__created_at"),
        }
    names = dict.fromkeys([*plain_columns, *(sort.column for sort in order)])
    items = items.order_by(*[sort.order_by() for sort in order])
    rows: QuerySet[ContentItem, Row] = items.annotate(**columns).values(*names, *columns)
    return rows


def _listed_item(row: Row, *, draft: bool) -> ListedItem:
    author = row["shown_author"]
    return ListedItem(
        id=row["id"],
        data_text=row["shown_data"],
        created_at=row["created_at"],
        published_version=row["live_version"],
        published_at=row["published_at"],
        status=row["status"] if draft else row["shown_status"],
        version=row["version"] if draft else row["live_version"],
        # Readers do not learn that there is a newer working copy.
        publication_state=row["publication_state"] if draft else "published",
        schema_version=row["schema_version"] if draft else row["shown_schema_version"],
        author=None if author is None or is_former_name(author) else author,
        updated_at=row["updated_at"] if draft else row["shown_at"],
    )
