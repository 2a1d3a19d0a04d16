"""How the desk's lists are narrowed down."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from foundation.clock import now
from registry.models import Channel


class OpenFirst(admin.SimpleListFilter):
    """By status, and what is open where nothing was chosen."""

    title = _("status")
    parameter_name = "status"
    everything = "all"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        return [*model_admin.model.Status.choices, (self.everything, _("All"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        chosen = self.value() or "open"
        return queryset if chosen == self.everything else queryset.filter(status=chosen)

    def choices(self, changelist: Any) -> Iterator[Any]:
        chosen = self.value() or "open"
        for value, title in self.lookup_choices:
            yield {
                "selected": value == chosen,
                "query_string": changelist.get_query_string({self.parameter_name: value}),
                "display": title,
            }


class Age(admin.SimpleListFilter):
    """How long ago it was filed."""

    title = _("age")
    parameter_name = "age"
    AGES: ClassVar = {
        "day": (_("Up to one day"), None, timedelta(days=1)),
        "days": (_("One to three days"), timedelta(days=1), timedelta(days=3)),
        "week": (_("Three days to a week"), timedelta(days=3), timedelta(days=7)),
        "older": (_("Older than a week"), timedelta(days=7), None),
    }

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        return [(name, title) for name, (title, _least, _most) in self.AGES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() not in self.AGES:
            return queryset
        _title, least, most = self.AGES[self.value() or ""]
        if least is not None:
            queryset = queryset.filter(created_at__lte=now() - least)
        return queryset if most is None else queryset.filter(created_at__gt=now() - most)


class ChannelOfVersion(admin.SimpleListFilter):
    """Of the reported version, or of the agent's latest where it is about the whole agent."""

    title = _("channel")
    parameter_name = "channel"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:
        return list(Channel.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() not in Channel.values:
            return queryset
        latest = Q(version=None, agent__latest_version__channel=self.value())
        return queryset.filter(Q(version__channel=self.value()) | latest)
