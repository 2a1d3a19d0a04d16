"""Writing an item: the form, its steps, saving and publishing."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from clawstore.editorial.addresses import public_address
from clawstore.studio.doors import StudioRequest, studio_page
from clawstore.studio.editing import Editing
from clawstore.studio.editor.names import VALUE, control_id
from clawstore.studio.editor.nodes import Node
from clawstore.studio.frame import frame, item_frame
from clawstore.studio.references import targets_for_member
from clawstore.studio.rendering import render_nodes
from clawstore.studio.review_queries import add_comments
from clawstore.studio.saving import merged, save_and_publish, save_item
from clawstore.studio.titles import title_of
from foundation.refusals import NotAllowed, NotFound, Refusal
from foundation.web.htmx import is_htmx, redirect_to
from wordclaw.content.items.queries import get_item
from wordclaw.content.lookup import find_type
from wordclaw.content.paywall import offer_of
from wordclaw.policy.models import Domain
from wordclaw.requests.errors import PreconditionFailed

READ_AND_WRITE = ("GET", "HEAD", "POST")


@studio_page("content.write", methods=READ_AND_WRITE, keeps_text=True)
def new_item(request: StudioRequest, domain: Domain, slug: str) -> HttpResponse:
    """Write a new item of a content type."""
    content_type = find_type(domain, slug)
    editing = Editing.of_new(content_type, request.POST if request.method == "POST" else None)
    return _edit(request, editing)


@studio_page("content.write", methods=READ_AND_WRITE, keeps_text=True)
def copy_item(request: StudioRequest, domain: Domain, item_id: str) -> HttpResponse:
    """Write a new item that begins with the text of another; only saving stores it."""
    item = get_item(domain, item_id)
    # A second document of a singleton cannot be saved.
    if item.content_type.is_singleton:
        raise NotFound
    if request.method == "POST":
        return _edit(request, Editing.of_new(item.content_type, request.POST))
    editing = Editing.of_new(item.content_type, None, data=item.data)
    editing.original_title = title_of(item.content_type, item.data, item.pk)
    return editor_page(request, editing)


@studio_page(methods=READ_AND_WRITE, keeps_text=True)
def edit_item(request: StudioRequest, domain: Domain, item_id: str) -> HttpResponse:
    """Edit the working copy of an item; readers and reviewers only see it."""
    item = get_item(domain, item_id)
    fields = request.POST if request.method == "POST" else None
    editing = Editing.of_item(item, fields, targets_for_member(domain, request.actor))
    return _edit(request, editing)


def _edit(request: StudioRequest, editing: Editing) -> HttpResponse:
    if request.method != "POST":
        return editor_page(request, editing)
    action = request.POST.get("do", "")
    # A form of an earlier session may come from another account: it is shown, and saved only by a
    # new click.
    if not request.is_verified:
        editing.notice = _("Your session has changed. Check your text and save again.")
    elif action in ("save", "publish", "submit"):
        return _save(request, editing, action)
    elif action:
        editing.take_step(request.POST)
    return editor_page(request, editing)


def _save(request: StudioRequest, editing: Editing, action: str) -> HttpResponse:
    save = save_and_publish if action == "publish" else save_item
    # What could not be read must not be saved as missing.
    if editing.form.problems:
        return editor_page(request, editing, status=422)
    editing.fill_slug()
    try:
        item, message = save(editing, by=request.actor)
    # Nothing at the form can mend these; the page of the refusal keeps the text.
    except (NotAllowed, NotFound):
        raise
    except PreconditionFailed as refusal:
        # Merged and shown, not saved: the author must see what the other one wrote.
        editing = merged(editing)
        return editor_page(request, editing, status=refusal.status)
    except Refusal as refusal:
        editing.form.add_refusal(refusal)
        return editor_page(request, editing, status=refusal.status)
    messages.success(request, message)
    page = "studio_submit" if action == "submit" else "studio_item"
    return redirect_to(request, reverse(page, args=[editing.domain, item.pk]))


def editor_page(request: StudioRequest, editing: Editing, *, status: int = 200) -> HttpResponse:
    """The page of the form; htmx gets the form alone."""
    if editing.item is None:
        context = frame(request, editing.domain, tab="content") | editing.context()
    else:
        context = item_frame(request, editing.item) | editing.context()
        context["public_address"] = public_address(editing.item)
        context["price"] = offer_of(editing.item.content_type, editing.item.pk)
        add_comments(context["root"], editing.item)
    template = "studio/item.html"
    return render(
        request, f"{template}#editor" if is_htmx(request) else template, context, status=status
    )


@studio_page("content.write", methods=("POST",))
def markdown(request: StudioRequest, domain: Domain) -> HttpResponse:
    """The preview of the first text that was sent, as a part of a page."""
    # htmx sends the field at which the author types, under the field's own name.
    pairs = ((name, text) for name, text in request.POST.items() if name.startswith(VALUE))
    name, text = next(pairs, ("", ""))
    pointer = name.removeprefix(VALUE)
    node = Node("markdown", pointer, control_id(pointer), "", value=str(text))
    render_nodes([node])
    return render(request, "studio/parts/rendered.html", {"html": node.html, "text": node.value})
