"""Measure the content runtime: processor time and queries of each kind of request.

The requests need no server, and each one has another key than the request before.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from devtools.bench.shop import BenchShop

if TYPE_CHECKING:
    from wordclaw.content.models import ContentType

ITEMS = 57_000
KEYS = 16
PAGE_SIZE = 20
LATE_PAGE = 2_000
WARM_UP_REQUESTS = 20
REQUESTS = 200
BATCH_SIZE = 1_000
DOMAIN = "bench-content"
LIST = f"/v1/domains/{DOMAIN}/content-types/article/items"
SCHEMA = {
    "type": "object",
    "required": ["title"],
    "additionalProperties": False,
    "properties": {
        "title": {"type": "string", "minLength": 1, "maxLength": 200},
        "body": {"type": "string"},
        "stars": {"type": "integer", "x-wordclaw-indexed": True},
        "tags": {"type": "array", "items": {"type": "string"}},
    },
}


@dataclass(frozen=True, slots=True)
class ContentRequest:
    """A kind of request, with the paths that are requested in turn.

    ``budget`` is the number of requests per second that two processors must reach.
    """

    name: str
    budget: int
    paths: list[str]
    body: dict[str, Any] | None = None


HEAD = ["request", "ms (median)", "ms (min)", "per second, 2 processors", "budget", "queries"]


def measure_content(shop: BenchShop, *, items: int = ITEMS) -> Iterator[list[str]]:
    """Yield the rows of the table ``HEAD``."""
    keys = _make_keys()
    content_type = _make_type(items)
    for request in _requests(content_type, items):
        yield _measure(request, keys)
    shop.close_database()


def _make_keys() -> list[str]:
    """Make the owner of the domain with several keys."""
    from foundation.access.actions import create_key
    from foundation.actor import Actor
    from profiles.actions import make_development_user

    system = Actor(door="command")
    user = make_development_user(DOMAIN, by=system)
    scopes = ("content:read", "content:write")
    return [
        create_key(user, name=f"bench-{number}", scopes=scopes, by=system)[1]
        for number in range(KEYS)
    ]


def _make_type(items: int) -> "ContentType":
    """Insert the items in bulk, published, as if each had been written alone."""
    from django.db import transaction
    from django.db.models import F, OuterRef, Subquery

    from foundation.accounts.models import User
    from foundation.actor import Actor
    from wordclaw.content.models import ContentItem, ContentItemVersion
    from wordclaw.content.types.actions import create_content_type
    from wordclaw.policy.actions import find_domain

    user = User.objects.get(username=DOMAIN)
    by = Actor(user=user, door="command")
    fields = {"name": "Article", "slug": "article", "visibility": "private"}
    domain = find_domain(DOMAIN, by)
    content_type = create_content_type(domain, fields, schema=SCHEMA, by=by)
    with transaction.atomic():
        for start in range(0, items, BATCH_SIZE):
            batch = [
                ContentItem(
                    domain_id=content_type.domain_id,
                    content_type=content_type,
                    data=_article(number),
                    schema_version=1,
                    author=user,
                )
                for number in range(start, min(start + BATCH_SIZE, items))
            ]
            ContentItem.objects.bulk_create(batch)
            ContentItemVersion.objects.bulk_create(
                ContentItemVersion(
                    item=item,
                    version=1,
                    data=item.data,
                    status="published",
                    schema_version=1,
                    author=user,
                )
                for item in batch
            )
        version = ContentItemVersion.objects.filter(item=OuterRef("pk")).values("pk")[:1]
        ContentItem.objects.filter(content_type=content_type).update(
            published_version=Subquery(version),
            publication_state="published",
            status="published",
            published_at=F("updated_at"),
        )
    _store_derived_values(content_type)
    return content_type


def _store_derived_values(content_type: "ContentType") -> None:
    from wordclaw.content.sorting import store_all_sort_values
    from wordclaw.content.summaries import store_missing_summaries

    store_all_sort_values(content_type.pk)
    store_missing_summaries(content_type.pk)


def _article(number: int) -> dict[str, Any]:
    # A multiplication spreads the values, so that their order is not that of the rows.
    return {
        "title": f"Article {number * 7919 % ITEMS}",
        "body": "Some words about agents. " * 40,
        "stars": number * 7919 % ITEMS,
        "tags": ["news", f"tag-{number % 50}"],
    }


def _requests(content_type: "ContentType", items: int) -> Iterator[ContentRequest]:
    from foundation.paging import write_cursor
    from wordclaw.content.items.filters import ItemFilters, filtered_items, ordered_items
    from wordclaw.content.models import ContentItem

    ids = ContentItem.objects.filter(content_type=content_type).order_by("pk")[:1000]
    base = f"/v1/domains/{DOMAIN}/content-items"
    yield ContentRequest("GET one item", 900, [f"{base}/{item.pk}" for item in ids])
    yield ContentRequest("list of 20", 600, [LIST])
    for name in ("stars", "title"):
        budget = 300 if name == "stars" else 0
        yield ContentRequest(f"list by data.{name}", budget, [f"{LIST}?sort=data.{name}"])
        yield ContentRequest(f"list by -data.{name}", budget, [f"{LIST}?sort=-data.{name}"])
    filters = ItemFilters()
    rows, order = ordered_items(content_type, filtered_items(content_type, filters), filters)
    position = min((LATE_PAGE - 1) * PAGE_SIZE, items - PAGE_SIZE) - 1
    last = rows.order_by(*[sort.order_by() for sort in order])[position]
    cursor = write_cursor(order, last, filters.name)
    yield ContentRequest(f"page {LATE_PAGE:,} by cursor", 600, [f"{LIST}?cursor={cursor}"])
    yield ContentRequest("create an item", 470, [LIST], {"data": _article(1)})


def _processor_seconds() -> float:
    """Processor time of this process and of its server process on PostgreSQL."""
    from django.db import connection

    seconds = time.process_time()
    if connection.vendor == "postgresql":
        connection.ensure_connection()
        # Linux, and a server on this machine: nanoseconds on a processor, then those of waiting.
        statistics = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat")
        seconds += int(statistics.read_text().split()[0]) / 1e9
    return seconds


def _measure(request: ContentRequest, keys: list[str]) -> list[str]:
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client, turns = Client(HTTP_HOST="127.0.0.1"), zip(cycle(request.paths), cycle(keys))

    def send() -> None:
        path, key = next(turns)
        headers = {"Authorization": f"Bearer {key}"}
        if request.body is None:
            response = client.get(path, headers=headers)
        else:
            body = orjson.dumps(request.body)
            response = client.post(path, body, content_type="application/json", headers=headers)
        if response.status_code not in (200, 201):
            raise SystemExit(f"{request.name}: {response.status_code} {response.content!r}")

    times = []
    for number in range(WARM_UP_REQUESTS + REQUESTS):
        begin = _processor_seconds()
        send()
        seconds = _processor_seconds() - begin
        # A request that takes a second need not be repeated so often.
        if number >= WARM_UP_REQUESTS or seconds > 0.1:
            times.append(seconds)
        if sum(times) > 5:
            break
    with CaptureQueriesContext(connection) as queries:
        send()
    times.sort()
    median = times[len(times) // 2]
    return [
        request.name,
        f"{1000 * median:.2f}",
        f"{1000 * times[0]:.2f}",
        f"{2 / median:,.0f}",
        f"{request.budget:,}" if request.budget else "·",
        f"{len(queries)}",
    ]
