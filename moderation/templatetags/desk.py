"""Template tags for the lists and the start page of the desk."""

from collections.abc import Iterable, Iterator
from typing import Any

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst

from foundation.audit.models import AuditLog
from foundation.audit.sentences import sentence_of
from foundation.desk.labels import plain_label
from moderation.evidence import DeskQueue, desk_queue, latest_decisions
from moderation.models import Appeal, Report
from moderation.states import appeal_state, report_state

register = template.Library()


@register.simple_tag
def waiting() -> DeskQueue:
    """Open reports and appeals with their waiting times, and failed jobs."""
    return desk_queue()


@register.simple_tag
def decisions() -> list[AuditLog]:
    """The last decisions at the desk."""
    return latest_decisions()


@register.filter
def sentence(event: AuditLog) -> SafeString:
    """An entry of the audit log as a sentence."""
    return sentence_of(event)


@register.filter
def state(report: Report) -> SafeString:
    return report_state(report)


@register.filter(name="appeal_state")
def state_of_appeal(appeal: Appeal) -> SafeString:
    return appeal_state(appeal)


@register.filter
def item(values: dict[object, object], key: object) -> object:
    """The value of a key that is not a name."""
    return values.get(key)


@register.filter
def selected_choice(choices: Iterable[dict[str, Any]]) -> object:
    """The text of the selected choice of a list filter."""
    return next((choice["display"] for choice in choices if choice["selected"]), "—")


register.filter("plain_label", plain_label)


@register.filter
def labelled(cells: Iterable[str], headers: Iterable[dict[str, Any]]) -> Iterator[SafeString]:
    """The cells of a row of Django's list, each with the title of its column.

    On a phone the columns stand under each other, and their titles are out of sight.
    """
    for cell, header in zip(cells, headers, strict=False):
        is_checkbox = "action-checkbox" in (header.get("class_attrib") or "")
        label = (
            ""
            if is_checkbox
            else f' data-label="{escape(capfirst(plain_label(str(header["text"]))))}"'
        )
        # Django made the cell and has escaped its content.
        tag, role = cell[:3], "rowheader" if cell.startswith("<th") else "cell"
        yield mark_safe(f'{tag} role="{role}"{label}{cell[3:]}')
