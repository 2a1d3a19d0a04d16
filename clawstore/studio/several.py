"""Publishing several items of a list at once."""

from collections.abc import Iterable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clawstore.studio.doors import StudioRequest, studio_page
from clawstore.studio.overview import ITEMS_PER_PAGE
from clawstore.studio.titles import title_of
from foundation.refusals import Refusal
from foundation.text.input import read_uuid, read_whole_number
from wordclaw.content.items.actions import publish_item
from wordclaw.content.lookup import find_type
from wordclaw.content.models import ContentItem, ContentType
from wordclaw.policy.hidden import without_hidden
from wordclaw.policy.models import Domain


@studio_page("content.write", methods=("POST",))
def publish_items(request: StudioRequest, domain: Domain, slug: str) -> HttpResponse:
    """Publish the marked items, each for itself; a refused one stops no other.

    A mark is the id of an item and the version that the list showed.
    """
    content_type = find_type(domain, slug)
    marks = dict(_read_marks(request.POST.getlist("item")))
    outcomes = [
        _publish(request, item, marks[str(item.pk)])
        for item in _marked_items(request, content_type, marks)
    ]
    if count := outcomes.count(True):
        text = ngettext("Published %(n)d item.", "Published %(n)d items.", count)
        messages.success(request, text % {"n": count})
    elif not outcomes:
        messages.error(request, _("Mark the items that you want to publish."))
    elif None not in outcomes:
        messages.success(request, _("The marked items were published already."))
    address = reverse("studio_type", args=[domain, slug], query=request.GET)
    return redirect(address)


def _publish(request: StudioRequest, item: ContentItem, version: int | None) -> bool | None:
    """Return whether the item was published now; None if that was refused."""
    content_type = item.content_type
    try:
        item_after = publish_item(
            content_type.domain, item.pk, expected_version=version, by=request.actor
        )
    except Refusal as refusal:
        title = title_of(content_type, item.data, item.pk)
        text = _("Not published: “%(title)s”. %(reason)s")
        messages.error(request, text % {"title": title, "reason": refusal.message})
        return None
    return item_after.version != item.version


def _read_marks(marks: Iterable[str]) -> Iterable[tuple[str, int | None]]:
    for mark in list(marks)[:ITEMS_PER_PAGE]:
        item_id, _blank, version = mark.partition(" ")
        if key := read_uuid(item_id):
            yield str(key), read_whole_number(version)


def _marked_items(
    request: StudioRequest, content_type: ContentType, marks: dict[str, int | None]
) -> Iterable[ContentItem]:
    items = ContentItem.objects.alive().filter(content_type=content_type, pk__in=marks)
    items = items.select_related("content_type__domain")
    return without_hidden(items, "pk", content_type.domain, request.actor).order_by("pk")
