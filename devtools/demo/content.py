"""Content of the demo: collections, guides, news, and texts of publishers.

`demo/content.json` lists the items with the day of their publication. An item that is there, also
changed or deleted, is not made again.
"""

import json
from functools import partial
from typing import Any

from clawstore.editorial.seeding import STORE_TYPES
from clawstore.editorial.starters import SCOPE_STARTERS, add_starter, has_starter
from devtools.demo.calendar import Calendar
from devtools.demo.catalogue import DEMO
from devtools.demo.people import actor_named
from foundation.actor import Actor
from foundation.clock import fixed_time
from wordclaw.content.items.actions import create_item, publish_item
from wordclaw.content.models import ContentItem
from wordclaw.content.types.actions import create_content_type
from wordclaw.policy.actions import find_domain


def add_content(calendar: Calendar) -> int:
    """Publish the items of the demo that are missing; return their number."""
    source = json.loads((DEMO / "content.json").read_text("utf-8"))
    present = _present_kinds()
    missing_items = [item for item in source["items"] if (item["domain"], item["kind"]) not in present]
    moment = partial(calendar.moment, event="content")
    for item in sorted(missing_items, key=lambda item: item["day"]):
        with fixed_time(moment(item["day"])):
            _publish(item, source["types"])
    return len(missing_items)


def _present_kinds() -> set[tuple[str, str]]:
    """Domain and content type of all items that an account has written."""
    items = ContentItem.objects.exclude(author=None)
    return set(items.values_list("domain__name", "content_type__slug").distinct())


def _publish(item: dict[str, Any], types: list[dict[str, Any]]) -> None:
    by = actor_named(item["by"])
    domain = find_domain(item["domain"], by)
    if item["kind"] not in STORE_TYPES or item["domain"] != "store":
        _add_type(item, types, by)
    draft = create_item(domain, item["kind"], item["data"], by=by)
    publish_item(domain, draft.pk, by=by)


def _add_type(item: dict[str, Any], types: list[dict[str, Any]], by: Actor) -> None:
    domain, kind = find_domain(item["domain"], by), item["kind"]
    if has_starter(domain, kind):
        return
    if kind in SCOPE_STARTERS:
        add_starter(domain, kind, by=by)
        return
    [source] = [row for row in types if (row["domain"], row["slug"]) == (domain.name, kind)]
    fields = {key: source[key] for key in ("name", "slug", "description", "visibility")}
    create_content_type(domain, fields, manifest=source["manifest"], by=by)
