"""The history of an item: versions, differences, rolling back, and uses."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from clawstore.studio.comparison import compare_documents
from clawstore.studio.doors import StudioRequest, studio_page
from clawstore.studio.editor.form import DocumentForm
from clawstore.studio.frame import item_frame
from clawstore.studio.queries import rows_of_uses
from clawstore.studio.references import name_targets, targets_for_member
from clawstore.studio.rendering import render_nodes
from foundation.paging import numbered_page
from foundation.refusals import Conflict, Invalid, Refusal
from foundation.text.input import read_whole_number
from wordclaw.content.items.actions import roll_back_item
from wordclaw.content.items.queries import find_version, get_item, versions_of
from wordclaw.content.items.references import used_by
from wordclaw.content.models import ContentItem
from wordclaw.policy.models import Domain
from wordclaw.requests.errors import PreconditionFailed

VERSIONS_PER_PAGE = 25


@studio_page()
def history(request: StudioRequest, domain: Domain, item_id: str) -> HttpResponse:
    """The versions of an item, newest first."""
    item = get_item(domain, item_id)
    # The data of 25 versions may be 25 MiB, and the list shows none of it.
    pages = Paginator(versions_of(item).defer("data").order_by("-version"), VERSIONS_PER_PAGE)
    page = numbered_page(pages, request.GET.get("page"))
    return render(request, "studio/history.html", item_frame(request, item) | {"page": page})


@studio_page(methods=("GET", "HEAD", "POST"))
def version(request: StudioRequest, domain: Domain, item_id: str, number: int) -> HttpResponse:
    """A version as it was, and what rolling back to it would change."""
    item = get_item(domain, item_id)
    refusal: Refusal | None = None
    if request.method == "POST":
        try:
            return _roll_back(request, item, number)
        except (Invalid, Conflict, PreconditionFailed) as error:
            refusal = error
            item = get_item(domain, item_id)
    row = find_version(item, number)
    schema = item.content_type.schema
    root = DocumentForm(schema, row.data).node()
    find = targets_for_member(domain, request.actor)
    name_targets(root.walk(), find)
    render_nodes(root.walk())
    context = item_frame(request, item) | {
        "version": row,
        "root": root,
        "comparison": compare_documents(
            schema,
            item.data,
            row.data,
            find,
            names=(_("Working copy"), _("Version %d") % number),
        ),
        "refusal": refusal,
    }
    status = refusal.status if refusal else 200
    return render(request, "studio/version.html", context, status=status)


def _roll_back(request: StudioRequest, item: ContentItem, number: int) -> HttpResponse:
    item_version = roll_back_item(
        item.content_type.domain,
        item.pk,
        number,
        # The page has shown what the change would be; of another version that would be wrong.
        expected_version=read_whole_number(request.POST.get("base")),
        message=request.POST.get("message", "")[:500] or _("Rolled back to version %d") % number,
        by=request.actor,
    )
    text = _("Version %(new)d is a draft with the text of version %(old)d.")
    messages.success(request, text % {"new": item_version.version, "old": number})
    return redirect("studio_item", item.content_type.domain, item.pk)


@studio_page()
def changes(
    request: StudioRequest, domain: Domain, item_id: str, old: int, new: int
) -> HttpResponse:
    """The differences between two versions, field by field."""
    item = get_item(domain, item_id)
    before, after = find_version(item, old), find_version(item, new)
    find = targets_for_member(domain, request.actor)
    context = item_frame(request, item) | {
        "before": before,
        "after": after,
        "comparison": compare_documents(
            item.content_type.schema,
            before.data,
            after.data,
            find,
            names=(_("Version %d") % old, _("Version %d") % new),
        ),
    }
    return render(request, "studio/changes.html", context)


@studio_page()
def uses(request: StudioRequest, domain: Domain, item_id: str) -> HttpResponse:
    """Where an item is used: in working copies and published versions, and formerly."""
    item = get_item(domain, item_id)
    uses_of_item = used_by("content_item", str(item.pk))
    context = item_frame(request, item) | {
        "uses": uses_of_item,
        "active": rows_of_uses(uses_of_item.active),
        "historical": rows_of_uses(uses_of_item.historical),
    }
    return render(request, "studio/uses.html", context)
