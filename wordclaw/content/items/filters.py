"""Filters and orders of lists of items.

Filters look at what the list shows: the published version, or with drafts the working copy.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, FloatField, Q, QuerySet, TextField, UUIDField, Value
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast, NullIf
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_aware

from foundation.paging import Ordering, Sort
from foundation.refusals import InvalidParameter
from foundation.text.expressions import compile_text
from wordclaw.content.errors import UnknownFilterField
from wordclaw.content.items.hidden import visible_matches, without_hidden_answers
from wordclaw.content.models import ContentItem, ContentType
from wordclaw.content.paywall import NO_PAYWALL, Paywall
from wordclaw.content.rules import compiled_schema
from wordclaw.content.sorting import complete_field
from wordclaw.schema.compiled import CompiledSchema

FILTER = compile_text(r"filter\[([^\[\]]{1,128})\](?:\[(gte|lte|contains)\])?")
# Each filter looks into the JSON of every item of the list, which no index helps.
MAX_FILTERS = 10
# Longer texts are no searches, and cost the database as much as they are long.
MAX_QUERY_LENGTH = 256
STORED_KEY, SORT_VALUE = "sort_key", "sort_value"
COLUMNS = {"createdAt": "created_at", "updatedAt": "updated_at", "version": "version"}


@dataclass(frozen=True, slots=True)
class ItemFilters:
    """The parameters of a list, as text from the request."""

    draft: bool = False
    status: str | None = None
    q: str | None = None
    created_after: str | None = None
    created_before: str | None = None
    sort: str | None = None
    fields: tuple[tuple[str, str], ...] = ()
    locale: str | None = None

    @property
    def name(self) -> str:
        """The name of the list for cursors: a cursor of another list is refused."""
        return f"items:{self.draft}:{self.sort or ''}"

    @property
    def sort_name(self) -> str:
        """The order, with a hyphen if it is descending."""
        return self.sort or "-updatedAt"

    @property
    def is_descending(self) -> bool:
        return self.sort_name.startswith("-")

    @property
    def sort_field(self) -> str | None:
        """The field of the data that gives the order, or None."""
        name = self.sort_name.removeprefix("-")
        return name.removeprefix("data.") if name.startswith("data.") else None

    @property
    def field_names(self) -> list[str]:
        """The fields of the data that the list is filtered or sorted by."""
        matches = [FILTER.fullmatch(parameter) for parameter, _ in self.fields]
        names = [match[1] for match in matches if match]
        return names + ([self.sort_field] if self.sort_field else [])


def read_field_filters(parameters: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return the parameters that filter by a field. Raises InvalidParameter."""
    names = [name for name in parameters if name.startswith("filter")]
    fields = tuple((name, str(parameters[name])) for name in names)
    if len(fields) > MAX_FILTERS:
        raise InvalidParameter(f"Use at most {MAX_FILTERS} filters.", parameter="filter")
    return fields


def filtered_items(
    content_type: ContentType, filters: ItemFilters, paywall: Paywall = NO_PAYWALL
) -> QuerySet[ContentItem]:
    """Return the items of a list. Raises UnknownFilterField or InvalidParameter."""
    items = shown_items(content_type, draft=filters.draft, status=filters.status)
    items = without_hidden_answers(items, content_type, filters.field_names, paywall)
    data = data_column(draft=filters.draft)
    items = _by_time(items, filters)
    if filters.q:
        if len(filters.q) > MAX_QUERY_LENGTH:
            raise InvalidParameter(f"Use at most {MAX_QUERY_LENGTH} characters.", parameter="q")
        # The whole document as text: the schema is the publisher's, so no field can be known
        # beforehand.
        items = items.alias(data_text=Cast(data, TextField()))
        matches = Q(data_text__icontains=filters.q)
        items = items.filter(visible_matches(matches, content_type, data, filters.q, paywall))
    schema = compiled_schema(content_type)
    for index, (parameter, value) in enumerate(filters.fields):
        items = _by_field(items, schema, data, f"field_{index}", parameter, value, filters.locale)
    return items


def shown_items(content_type: Any, *, draft: bool, status: Any = None) -> QuerySet[ContentItem]:
    """Return the items of a content type that a list shows.

    ``status`` limits them to one state. Type and state may be parameters of a compiled query.
    """
    items: QuerySet[ContentItem] = ContentItem.objects.alive().filter(content_type=content_type)
    if not draft:
        items = items.exclude(published_version=None)
    if status is None:
        return items
    return items.filter(**{"status" if draft else "published_version__status": status})


def data_column(*, draft: bool) -> str:
    """Return the column of the data that a list shows."""
    return "data" if draft else "published_version__data"


def _by_time(items: QuerySet[ContentItem], filters: ItemFilters) -> QuerySet[ContentItem]:
    if filters.created_after is not None:
        items = items.filter(created_at__gt=_read_time(filters.created_after, "createdAfter"))
    if filters.created_before is not None:
        items = items.filter(created_at__lt=_read_time(filters.created_before, "createdBefore"))
    return items


def _read_time(text: str, parameter: str) -> datetime:
    try:
        # A plus in an address is a blank unless it was encoded.
        moment = parse_datetime(text.replace(" ", "+") if "T" in text else text)
    except ValueError:
        moment = None
    # A time without its zone means another moment to each reader.
    if moment is None or not is_aware(moment):
        raise InvalidParameter(
            "Use a time with its zone, such as 2026-11-30T12:00:00Z.", parameter=parameter
        )
    return moment


def _by_field(
    items: QuerySet[ContentItem],
    schema: CompiledSchema,
    data: str,
    alias: str,
    parameter: str,
    value: str,
    locale: str | None,
) -> QuerySet[ContentItem]:
    match = FILTER.fullmatch(parameter)
    if match is None:
        raise UnknownFilterField(parameter=parameter)
    name, operator = match.groups()
    part = _known_field(schema, name)
    path = _path(schema, name, locale)
    if operator == "contains":
        if isinstance(part, dict) and "array" in _types(part):
            # A list has no text of its own, so its entries are searched as they are stored.
            items = items.alias(**{alias: Cast(key_of(data, path), TextField())})
        else:
            items = items.alias(**{alias: text_of(data, path)})
        return items.filter(**{f"{alias}__icontains": value})
    lookup = alias if operator is None else f"{alias}__{operator}"
    items = items.alias(**{alias: key_of(data, path)})
    return items.filter(**{lookup: _read_value(part, value, parameter)})


def _known_field(schema: CompiledSchema, name: str) -> Any:
    # Databases take digits for an index of a list.
    if name not in schema.properties or name.isdigit():
        raise UnknownFilterField(field=name)
    return schema.properties[name]


def _path(schema: CompiledSchema, name: str, locale: str | None) -> tuple[str, ...]:
    """The keys of a field's value; of a localized field in the reader's language."""
    if not schema.is_localized(name) or schema.localization is None:
        return (name,)
    return (name, locale or schema.localization.default)


def key_of(data: str, path: tuple[str, ...]) -> Any:
    expression: Any = data
    for key in path:
        expression = KeyTransform(key, expression)
    return expression


def text_of(data: str, path: tuple[str, ...]) -> Any:
    *parents, last = path
    return KeyTextTransform(last, key_of(data, tuple(parents)))


def _types(part: Any) -> set[str]:
    declared_type = part.get("type") if isinstance(part, dict) else None
    return (
        set(declared_type)
        if isinstance(declared_type, list)
        else {declared_type}
        if declared_type
        else set()
    )


def _read_value(part: Any, value: str, parameter: str) -> Any:
    """A parameter's text as a value of the field's type. Raises InvalidParameter."""
    types = _types(part)
    if types & {"number", "integer"}:
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        # `float` also reads nan and inf, which JSON cannot hold.
        if not math.isfinite(number):
            raise InvalidParameter("This field is a number.", parameter=parameter)
        return int(number) if number.is_integer() else number
    if "boolean" in types:
        if value not in ("true", "false"):
            raise InvalidParameter("This field is true or false.", parameter=parameter)
        return value == "true"
    return value


def ordered_items(
    content_type: ContentType, items: QuerySet[ContentItem], filters: ItemFilters
) -> tuple[QuerySet[ContentItem], Ordering]:
    """Return the items with the column of their order, and the order.

    Raises UnknownFilterField.
    """
    if filters.sort_field is None:
        return order_by_column(items, draft=filters.draft, sort=filters.sort_name)
    name = stored_field(content_type, filters)
    if name is None:
        return _by_data(content_type, items, filters, filters.sort_field)
    return order_by_stored_value(
        items, content_type, name, draft=filters.draft, is_descending=filters.is_descending
    )


def order_by_column(
    items: QuerySet[ContentItem], *, draft: bool, sort: str
) -> tuple[QuerySet[ContentItem], Ordering]:
    """Order by a time or the version. Raises UnknownFilterField."""
    name = sort.removeprefix("-")
    if name not in COLUMNS:
        raise UnknownFilterField(sort=sort)
    column, is_descending = COLUMNS[name], sort.startswith("-")
    if not draft and name == "updatedAt":
        # The time of the last edit would tell readers that an unpublished draft exists.
        column = "published_at"
    if not draft and name == "version":
        # The number of the working copy would tell readers how often a draft was saved.
        items = items.annotate(shown_version=F("published_version__version"))
        column = "shown_version"
    return items, (Sort(column, descending=is_descending), Sort("id"))


def stored_field(content_type: ContentType, filters: ItemFilters) -> str | None:
    """Return the field of the order if its values are stored, in the list's language."""
    name = filters.sort_field
    field = None if name is None else complete_field(content_type, name)
    if name is None or field is None:
        return None
    is_shown = field.path == _path(compiled_schema(content_type), name, filters.locale)
    return name if is_shown else None


def _by_data(
    content_type: ContentType,
    items: QuerySet[ContentItem],
    filters: ItemFilters,
    name: str,
) -> tuple[QuerySet[ContentItem], Ordering]:
    schema = compiled_schema(content_type)
    part = _known_field(schema, name)
    path = _path(schema, name, filters.locale)
    value = text_of(data_column(draft=filters.draft), path)
    is_number = bool(_types(part) & {"number", "integer"})
    if is_number:
        # SQLite gives the word for a null, which would become 0.
        value = NullIf(value, Value("null"))
    # A text without the cast would be compared as JSON.
    field: Any = FloatField() if is_number else TextField()
    items = items.annotate(**{SORT_VALUE: Cast(value, field)})
    # A field may be absent in some items, and a cursor must not skip those.
    sort = Sort(SORT_VALUE, descending=filters.is_descending, nullable=True, field=field)
    return items, (sort, Sort("id"))


def order_by_stored_value(
    items: QuerySet[ContentItem], content_type: Any, name: Any, *, draft: bool, is_descending: bool
) -> tuple[QuerySet[ContentItem], Ordering]:
    """Order by the stored values of a field, in the order that its documents give.

    Type and name may be parameters of a compiled query.
    """
    items = items.filter(
        sort_values__content_type=content_type,
        sort_values__field=name,
        # A plain truth value is compiled to a bare column, for which SQLite seeks in no index.
        sort_values__is_draft=Value(draft),
    )
    key = "descending_key" if is_descending else "ascending_key"
    # The item's id of the same table, so that the whole order is that of the index.
    item_id = F("sort_values__item_id")
    items = items.annotate(**{STORED_KEY: F(f"sort_values__{key}")}, sort_item=item_id)
    sort = Sort(STORED_KEY, descending=is_descending, field=TextField())
    return items, (sort, Sort("sort_item", field=UUIDField()))


def list_name(filters: ItemFilters, order: Ordering) -> str:
    """Return the name of a list for cursors; stored values have cursors of their own."""
    return f"{filters.name}:stored" if order[0].column == STORED_KEY else filters.name
