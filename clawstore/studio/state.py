"""Changes of an item's state: at once, at a time, and restoring what was deleted."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clawstore.studio.doors import StudioRequest, studio_page
from clawstore.studio.forms import ScheduleForm
from clawstore.studio.frame import frame, item_frame
from clawstore.studio.queries import deleted_items, jobs_of_item, planned_rows, rows_of_uses
from foundation.refusals import Conflict, Invalid, Refusal
from foundation.text.input import read_whole_number
from foundation.web.forms import add_refusal
from wordclaw.content.items.actions import STATE_CHANGES
from wordclaw.content.items.deletion import RESTORE_PERIOD, delete_item, restore_item
from wordclaw.content.items.queries import get_item
from wordclaw.content.items.references import active_uses
from wordclaw.content.models import ContentItem
from wordclaw.content.scheduling.actions import cancel, retry, schedule_change
from wordclaw.policy.models import Domain
from wordclaw.requests.errors import PreconditionFailed

READ_AND_WRITE = ("GET", "HEAD", "POST")
DONE = {
    "unpublish": gettext_lazy("Unpublished. Readers no longer get it; the text is a draft."),
    "archive": gettext_lazy("Archived. Readers no longer get it; it stays in the list."),
    "publish": gettext_lazy("Published."),
}


@studio_page("content.write", methods=READ_AND_WRITE)
def change_state(request: StudioRequest, domain: Domain, item_id: str, change: str) -> HttpResponse:
    """Ask for confirmation, then unpublish, archive or delete an item."""
    item = get_item(domain, item_id)
    refusal: Refusal | None = None
    if request.method == "POST":
        try:
            return _change(request, item, change)
        except (Conflict, Invalid, PreconditionFailed) as error:
            # Read again, because the refused action has changed the object in memory.
            refusal, item = error, get_item(domain, item_id)
    context = item_frame(request, item) | {
        "change": change,
        "refusal": refusal,
        "restore_days": RESTORE_PERIOD.days,
        "uses": rows_of_uses(active_uses(item)) if change == "delete" else [],
    }
    status = refusal.status if refusal else 200
    return render(request, "studio/confirm.html", context, status=status)


def _change(request: StudioRequest, item: ContentItem, change: str) -> HttpResponse:
    domain, base = item.content_type.domain, read_whole_number(request.POST.get("base"))
    if change == "delete":
        delete_item(domain, item.pk, expected_version=base, by=request.actor)
        message = _("Deleted. An admin can restore it for %(days)s days.")
        messages.success(request, message % {"days": RESTORE_PERIOD.days})
        return redirect("studio_type", domain, item.content_type.slug)
    message = request.POST.get("message", "")[:500]
    STATE_CHANGES[change](domain, item.pk, expected_version=base, message=message, by=request.actor)
    messages.success(request, DONE[change])
    return redirect("studio_item", domain, item.pk)


@studio_page(methods=READ_AND_WRITE)
def schedule(request: StudioRequest, domain: Domain, item_id: str) -> HttpResponse:
    """The scheduled changes of an item, and a form for another."""
    item = get_item(domain, item_id)
    form = ScheduleForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            schedule_change(domain, str(item.pk), by=request.actor, **form.cleaned_data)
            messages.success(request, _("Scheduled."))
            return redirect("studio_schedule", domain, item.pk)
        except Invalid as refusal:
            add_refusal(form, refusal)
    context = item_frame(request, item) | {"form": form, "rows": jobs_of_item(item)}
    return render(request, "studio/schedule.html", context, status=422 if form.errors else 200)


@studio_page()
def planned(request: StudioRequest, domain: Domain) -> HttpResponse:
    """All waiting and failed changes of a domain."""
    context = frame(request, domain, tab="planned") | {"rows": planned_rows(domain)}
    return render(request, "studio/planned.html", context)


@studio_page("content.write", methods=("POST",))
def change_job(request: StudioRequest, domain: Domain, job_id: str, change: str) -> HttpResponse:
    """Cancel a waiting change, or run a failed one again."""
    action = cancel if change == "cancel" else retry
    job = action(domain, str(job_id), by=request.actor)
    text = _("Cancelled.") if change == "cancel" else _("It runs again.")
    messages.success(request, text)
    item_id = job.payload.get("item")
    # Other jobs of the domain are on the page of its jobs.
    if item_id is None:
        return redirect("studio_jobs", domain)
    return redirect("studio_schedule", domain, item_id)


@studio_page("content.admin", methods=READ_AND_WRITE)
def deleted(request: StudioRequest, domain: Domain) -> HttpResponse:
    """The deleted items that can be restored; a POST restores one of them."""
    if request.method == "POST":
        item = restore_item(domain, request.POST.get("item", ""), by=request.actor)
        messages.success(request, _("Restored as a draft."))
        return redirect("studio_item", domain, item.pk)
    context = frame(request, domain, tab="deleted") | {
        "rows": deleted_items(domain, by=request.actor),
        "restore_days": RESTORE_PERIOD.days,
    }
    return render(request, "studio/deleted.html", context)
