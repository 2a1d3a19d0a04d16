"""Writing an item: the form, its steps, saving and publishing."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from clawstore.studio.doors import StudioRequest, studio_page
from clawstore.studio.editing import Editing
from clawstore.studio.frame import frame
from clawstore.studio.queries import coverage_of, scheduled_jobs, state_of
from clawstore.studio.saving import merged, save_and_publish, save_item
from clawstore.studio.titles import title_of
from foundation.refusals import NotAllowed, NotFound, Refusal
from foundation.web.htmx import is_htmx, redirect_to
from wordclaw.content.items.queries import get_item
from wordclaw.content.lookup import find_type
from wordclaw.content.models import ContentItem
from wordclaw.policy.models import Domain
from wordclaw.requests.errors import PreconditionFailed

READ_AND_WRITE = ("GET", "HEAD", "POST")


@studio_page("content.write", methods=READ_AND_WRITE, keeps_text=True)
def new_item(request: StudioRequest, domain: Domain, slug: str) -> HttpResponse:
    """Write a new item of a content type."""
    content_type = find_type(domain, slug)
    editing = Editing.of_new(content_type, request.POST if request.method == "POST" else None)
    return _edit(request, editing)


@studio_page(methods=READ_AND_WRITE, keeps_text=True)
def edit_item(request: StudioRequest, domain: Domain, item_id: str) -> HttpResponse:
    """Edit the working copy of an item; readers and reviewers only see it."""
    item = get_item(domain, item_id)
    editing = Editing.of_item(item, request.POST if request.method == "POST" else None)
    return _edit(request, editing)


def _edit(request: StudioRequest, editing: Editing) -> HttpResponse:
    if request.method != "POST":
        return editor_page(request, editing)
    action = request.POST.get("do", "")
    if not request.is_verified:
        editing.notice = _("Your session has changed. Check your text and save again.")
    elif action in ("save", "publish"):
        return _save(request, editing, is_publication=action == "publish")
    elif action:
        editing.take_step(request.POST)
    return editor_page(request, editing)


def _save(request: StudioRequest, editing: Editing, *, is_publication: bool) -> HttpResponse:
    save = save_and_publish if is_publication else save_item
    if editing.form.problems:
        return editor_page(request, editing, status=422)
    try:
        item, message = save(editing, by=request.actor)
    except (NotAllowed, NotFound):
        raise
    except PreconditionFailed as refusal:
        editing = merged(editing)
        return editor_page(request, editing, status=refusal.status)
    except Refusal as refusal:
        editing.form.add_refusal(refusal)
        return editor_page(request, editing, status=refusal.status)
    messages.success(request, message)
    return redirect_to(request, reverse("studio_item", args=[editing.domain, item.pk]))


def editor_page(request: StudioRequest, editing: Editing, *, status: int = 200) -> HttpResponse:
    """The page of the form; htmx gets the form alone."""
    context = frame(request, editing.domain, tab="content") | editing.context()
    if editing.item is not None:
        context |= _state(editing.item)
    template = "studio/item.html"
    return render(
        request, f"{template}#editor" if is_htmx(request) else template, context, status=status
    )


def _state(item: ContentItem) -> dict[str, object]:
    domain = item.content_type.domain
    return {
        "state": state_of(item),
        "title": title_of(item.content_type, item.data, item.pk),
        "coverage": coverage_of(item.content_type, item.data),
        "jobs": scheduled_jobs(domain).get(str(item.pk), []),
    }
