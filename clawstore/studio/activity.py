"""The audit log of a domain as sentences, with links into the studio."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from clawstore.event_sentences import SENTENCES
from clawstore.studio.queries import items_by_id
from clawstore.studio.titles import titles_of
from foundation.audit.models import AuditLog
from foundation.text.input import read_uuid
from wordclaw.policy.models import Domain


@dataclass(frozen=True, slots=True)
class ActivityRow:
    """An event as a sentence."""

    event: AuditLog
    sentence: SafeString


class _Details(dict[str, Any]):
    def __missing__(self, name: str) -> str:
        return "—"


def activity_rows(domain: Domain, events: list[AuditLog]) -> list[ActivityRow]:
    """Return events as sentences, with the titles of items in one query."""
    of_items = [event for event in events if event.entity_type == "content_item"]
    items = items_by_id(read_uuid(event.entity_id) for event in of_items)
    titles = titles_of(items.values())
    return [ActivityRow(event, _sentence(domain, event, titles)) for event in events]


def _sentence(domain: Domain, event: AuditLog, titles: Mapping[UUID, str]) -> SafeString:
    details = {name: conditional_escape(value) for name, value in event.details.items()}
    values = details | {"actor": _actor(event), "object": _object(domain, event, titles)}
    sentence = SENTENCES.get(event.action, "{actor}: {action} {object}")
    # Our own sentence; everything in it is escaped.
    return mark_safe(str(sentence).format_map(_Details(values | {"action": event.action})))


def _actor(event: AuditLog) -> SafeString:
    if event.user is None:
        return format_html("{}", _("The system"))
    if event.user.is_former:
        # A deleted account's login is personal data, and the log outlives it (ADR 23).
        return format_html("{}", _("A former member"))
    address = reverse("person", args=[event.user.username])
    return format_html('<a href="{}">@{}</a>', address, event.user.username)


def _object(domain: Domain, event: AuditLog, titles: Mapping[UUID, str]) -> SafeString:
    if event.entity_type == "content_item":
        item_id = read_uuid(event.entity_id)
        title = titles.get(item_id)
        if title is None:
            return format_html('<span class="mono">{}</span>', event.entity_id[:8])
        address = reverse("studio_item", args=[domain, item_id])
        return format_html('<a href="{}" dir="auto">{}</a>', address, title)
    if event.entity_type == "content_type":
        address = reverse("studio_type", args=[domain, event.entity_id])
        return format_html('<a href="{}">{}</a>', address, event.entity_id)
    return format_html("@{}", event.entity_id)
