"""Filters of the desk's lists."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from foundation.clock import now
from moderation.evidence import LATE_AFTER, WAITING_AFTER
from registry.models import Channel


class OpenFirst(admin.SimpleListFilter):
    """Filter by status; open rows by default."""

    title = _("status")
    parameter_name = "status"
    # No value means open, so all rows need a value of their own.
    all_states = "all"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        return [*model_admin.model.Status.choices, (self.all_states, _("All"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        status = self.value() or "open"
        return queryset if status == self.all_states else queryset.filter(status=status)

    def choices(self, changelist: Any) -> Iterator[Any]:
        status = self.value() or "open"
        for value, title in self.lookup_choices:
            yield {
                "selected": value == status,
                "query_string": changelist.get_query_string({self.parameter_name: value}),
                "display": title,
            }


class Age(admin.SimpleListFilter):
    title = _("age")
    parameter_name = "age"
    # The same bounds as the marks of the clock, so that a choice shows rows of one mark.
    AGES: ClassVar = {
        "day": (_("Up to one day"), None, WAITING_AFTER),
        "days": (_("One to three days"), WAITING_AFTER, LATE_AFTER),
        "week": (_("Three days to a week"), LATE_AFTER, timedelta(days=7)),
        "older": (_("Older than a week"), timedelta(days=7), None),
    }

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        return [(name, title) for name, (title, _minimum, _maximum) in self.AGES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() not in self.AGES:
            return queryset
        _title, minimum, maximum = self.AGES[self.value() or ""]
        if minimum is not None:
            queryset = queryset.filter(created_at__lte=now() - minimum)
        return queryset if maximum is None else queryset.filter(created_at__gt=now() - maximum)


class ChannelOfVersion(admin.SimpleListFilter):
    """Filter by the channel of the reported version, or of the agent's latest."""

    title = _("channel")
    parameter_name = "channel"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:
        return list(Channel.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() not in Channel.values:
            return queryset
        latest = Q(version=None, agent__latest_version__channel=self.value())
        return queryset.filter(Q(version__channel=self.value()) | latest)
