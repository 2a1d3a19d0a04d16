"""Texts that maintainers took down, at the desk."""

import json
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from foundation.desk.admin import DeskAdmin, list_url, row_url
from moderation.holds import takedown_of, takedowns_of
from moderation.measures import LIFT_HOLD
from moderation.models import HeldText
from profiles.queries import holder_of


@admin.register(HeldText)
class HeldTextAdmin(DeskAdmin):
    """Texts that their publishers cannot publish again, with the reason."""

    list_display = ("title", "content_type", "domain", "held_at", "reason")
    search_fields = ("domain__name", "data")
    search_help_text = _("The scope, or words of the text")
    ordering = ("-held_at", "id")
    fact_fields = ("domain", "content_type", "held_at", "reason", "text")
    measures = (LIFT_HOLD,)
    measure_permission = "moderation.change_heldtext"

    def get_queryset(self, request: HttpRequest) -> QuerySet[HeldText]:
        texts: QuerySet[HeldText] = super().get_queryset(request)
        return texts.filter(held_at__isnull=False).select_related("domain", "content_type")

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The page of the list, with the decisions of all its rows in one query."""
        page = super().get_changelist_instance(request)
        rows = list(page.result_list)
        events = takedowns_of(row.pk for row in rows)
        for row in rows:
            row.takedown = events.get(row.pk)
        page.result_list = rows
        return page

    @admin.display(description=_("title"))
    def title(self, row: HeldText) -> str:
        return self._detail(row, "title") or str(row)

    @admin.display(description=_("reason"))
    def reason(self, row: HeldText) -> str:
        return self._detail(row, "reason")

    @admin.display(description=_("text"))
    def text(self, row: HeldText) -> str:
        return json.dumps(row.data, indent=1, ensure_ascii=False)

    def _detail(self, row: HeldText, name: str) -> str:
        # The list has read the decisions of all its rows at once; the page of one row has not.
        event = row.takedown if hasattr(row, "takedown") else takedown_of(row.pk)
        return str(event.details.get(name, "")) if event else ""

    def matter(self, row: HeldText) -> object:
        return row

    def evidence(self, request: HttpRequest, row: HeldText) -> dict[str, Any]:
        holder = holder_of(row.domain.name)
        links = [(_("Publisher"), row_url(holder))] if holder else []
        return super().evidence(request, row) | {"links": links}

    def heading(self, row: HeldText) -> str:
        return f"@{row.domain.name}: {self.title(row)}"

    def url_after(self, row: HeldText) -> str:
        return list_url("moderation_heldtext")
