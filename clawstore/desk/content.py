"""Pages of content at the desk, and the measure on them."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clawstore.editorial.addresses import address_of
from clawstore.editorial.models import ContentPage
from clawstore.editorial.takedowns import take_down_page, title_of
from foundation.actor import Actor
from foundation.desk.admin import DeskAdmin, Link, list_url, row_url
from foundation.desk.measures import Measure
from foundation.notices.outcomes import outcome
from profiles.queries import holder_of
from wordclaw.policy.models import DomainKind

PAGELESS = ("listings", "notice")
"""Kinds whose texts are shown on other pages."""


def takedown_outcome(page: ContentPage, by: Actor) -> str:
    """The message after a text was taken down, and whether its publisher is emailed."""
    sentence = gettext("Took down %s") % title_of(page)
    holder = holder_of(page.domain.name)
    if holder is None:
        return sentence
    return outcome(sentence, holder, role=gettext("publisher"), kind="decision", by=by)


TAKE_DOWN = Measure(
    name="take_down",
    label=_("Take down the text"),
    consequence=_(
        "No longer public. The publisher keeps it as a draft, and cannot publish it again before"
        " the hold is lifted."
    ),
    readers=_("The reason is emailed to the publisher and shown in the history of the text."),
    run=lambda page, form, by: take_down_page(page, reason=form["reason"], by=by),
    message=lambda page, form, by: takedown_outcome(page, by),
    # Maintainers write the texts of the store themselves, and unpublish them in the studio.
    applies=lambda page: page.domain.kind == DomainKind.SCOPE,
)


class OriginFilter(admin.SimpleListFilter):
    """Whether publishers or the store wrote a text."""

    title = _("written by")
    parameter_name = "by"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(DomainKind.SCOPE, _("Publishers")), (DomainKind.STORE, _("The store"))]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[ContentPage]
    ) -> QuerySet[ContentPage]:
        return queryset.filter(domain__kind=self.value()) if self.value() else queryset


class ContentPageAdmin(DeskAdmin):
    """Published guides, posts, answers and listings."""

    list_display = ("title", "kind", "domain", "published_at", "changed_at")
    list_filter = ("kind", OriginFilter)
    list_select_related = ("domain",)
    search_fields = ("domain__name", "slug", "version__data")
    search_help_text = _("The scope, the slug, or words of the text")
    ordering = ("-changed_at", "item")
    fact_fields = ("domain", "kind", "slug", "published_at", "changed_at", "text")
    measures = (TAKE_DOWN,)
    measure_permission = "editorial.change_contentpage"

    def get_queryset(self, request: HttpRequest) -> QuerySet[ContentPage]:
        pages: QuerySet[ContentPage] = super().get_queryset(request)
        return pages.select_related("domain", "version", "item__domain")

    @admin.display(description=_("title"))
    def title(self, row: ContentPage) -> str:
        return title_of(row)

    @admin.display(description=_("text"))
    def text(self, row: ContentPage) -> str:
        return "\n\n".join(_list_fields(row.version.data))

    def matter(self, row: ContentPage) -> object:
        return row.item if row.domain.kind == DomainKind.SCOPE else None

    def evidence(self, request: HttpRequest, row: ContentPage) -> dict[str, Any]:
        return super().evidence(request, row) | {"links": list(links_of(row))}

    def heading(self, row: ContentPage) -> str:
        return f"@{row.domain.name}: {title_of(row)}"

    def url_after(self, row: ContentPage) -> str:
        return list_url("editorial_contentpage")


def _list_fields(value: object, name: str = "") -> Iterator[str]:
    """Yield each field of a text: its name, such as `body, en`, and its words."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _list_fields(part, f"{name}, {key}" if name else key)
    elif isinstance(value, list):
        for number, part in enumerate(value, start=1):
            yield from _list_fields(part, f"{name} {number}")
    elif value not in (None, ""):
        yield f"{name}:\n{value}"


def links_of(page: ContentPage) -> Iterator[Link]:
    """Yield the public page of a text, its publisher and its agents."""
    if page.kind not in PAGELESS:
        yield _("Page"), address_of(page.domain.name, page.kind, page.slug)
    holder = holder_of(page.domain.name)
    if holder is not None:
        yield _("Publisher"), row_url(holder)
    for place in page.agents.select_related("agent").order_by("position")[:20]:
        yield place.agent.full_id, row_url(place.agent)
