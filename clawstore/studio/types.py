"""Making, changing and deleting content types, and their code."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _

from clawstore.editorial.starters import add_starter, list_missing_starters
from clawstore.studio.doors import StudioRequest, studio_page
from clawstore.studio.frame import frame
from clawstore.studio.queries import items_by_id
from clawstore.studio.titles import titles_of
from clawstore.studio.type_editing import TypeEditing
from foundation.refusals import Conflict, NotAllowed, NotFound, Refusal
from foundation.text.input import read_uuid
from foundation.web.htmx import is_htmx, redirect_to
from wordclaw.content.errors import ContentTypeSlugConflict, SchemaBreaksItems
from wordclaw.content.lookup import find_type
from wordclaw.content.models import ContentType
from wordclaw.content.models.types import SLUG_LENGTH
from wordclaw.content.types.actions import (
    change_content_type,
    check_schema,
    create_content_type,
    delete_content_type,
)
from wordclaw.content.types.artifacts import PRINTERS, print_artifact
from wordclaw.policy.models import Domain

READ_AND_WRITE = ("GET", "HEAD", "POST")
FILE_NAMES = {"jsonschema": "schema.json", "typescript": "ts", "zod": "zod.ts", "python": "py"}
CHANGED_MEANWHILE = 409


@studio_page("content.admin", methods=READ_AND_WRITE, keeps_text=True)
def new_type(request: StudioRequest, domain: Domain) -> HttpResponse:
    """Make a content type of fields, or of a pasted schema."""
    if request.method != "POST":
        return type_page(request, domain, TypeEditing.of_new())
    return _act(request, domain, TypeEditing.read(None, request.POST))


@studio_page("content.admin", methods=READ_AND_WRITE, keeps_text=True)
def edit_type(request: StudioRequest, domain: Domain, slug: str) -> HttpResponse:
    """Change a content type; a change that breaks items is shown before it is made."""
    content_type = find_type(domain, slug)
    if request.method != "POST":
        return type_page(request, domain, TypeEditing.of_type(content_type))
    return _act(request, domain, TypeEditing.read(content_type, request.POST))


@studio_page("content.admin", methods=("POST",))
def add_ready_made(request: StudioRequest, domain: Domain, slug: str) -> HttpResponse:
    """Add a ready-made content type, whose items have pages."""
    try:
        content_type = add_starter(domain, slug, by=request.actor)
    except ContentTypeSlugConflict:
        # A second click finds what the first one made.
        return redirect("studio_type", domain, slug)
    messages.success(request, _("Added %(name)s.") % {"name": content_type.name})
    return redirect("studio_type", domain, slug)


def _act(request: StudioRequest, domain: Domain, editing: TypeEditing) -> HttpResponse:
    action = request.POST.get("do", "")
    if not request.is_verified:
        # An empty step only reads the form, so nothing happens that the member has not clicked in
        # this session.
        editing.take_step({**request.POST.dict(), "do": ""})
        editing.notice = _("Your session has changed. Check your text and save again.")
        return type_page(request, domain, editing)
    if action in ("save", "save-breaking", "check"):
        return _save(request, domain, editing, action)
    editing.take_step(request.POST)
    return type_page(request, domain, editing)


def _save(
    request: StudioRequest, domain: Domain, editing: TypeEditing, action: str
) -> HttpResponse:
    if editing.find_problems():
        return type_page(request, domain, editing, status=422)
    content_type = editing.content_type
    # Compared here, because the action has no expected version of a schema.
    if content_type is not None and content_type.schema_version != editing.base:
        editing.base = content_type.schema_version
        editing.notice = _("The content type was changed meanwhile. Save again to replace that.")
        return type_page(request, domain, editing, status=CHANGED_MEANWHILE)
    try:
        if content_type is not None and action == "check":
            return _check(request, domain, editing)
        saved_type = _write(domain, editing, breaking=action == "save-breaking", request=request)
    except (NotAllowed, NotFound):
        raise
    except SchemaBreaksItems as refusal:
        editing.broken_items = _with_titles(refusal.details["items"])
        editing.note_removed_fields()
        return type_page(request, domain, editing, status=refusal.status)
    except Refusal as refusal:
        editing.problem = refusal
        return type_page(request, domain, editing, status=refusal.status)
    messages.success(request, _("Content type saved."))
    return redirect_to(request, reverse("studio_type", args=[domain, saved_type.slug]))


def _write(
    domain: Domain, editing: TypeEditing, *, breaking: bool, request: StudioRequest
) -> ContentType:
    fields = {
        name: editing.plain.cleaned_data[name]
        for name in ("name", "description", "kind", "visibility")
    }
    schema: Any = editing.schema
    manifest = editing.manifest
    if editing.content_type is None:
        slug = editing.plain.cleaned_data["slug"] or slugify(fields["name"])[:SLUG_LENGTH]
        return create_content_type(
            domain, fields | {"slug": slug}, schema=schema, manifest=manifest, by=request.actor
        )
    is_same = editing.content_type.manifest == manifest and (
        manifest is not None or editing.content_type.schema == schema
    )
    return change_content_type(
        domain,
        editing.content_type.slug,
        fields,
        # An unchanged schema is not sent, or each new description would make a version of the
        # schema.
        schema=None if is_same else schema,
        manifest=None if is_same else manifest,
        allow_breaking=breaking,
        by=request.actor,
    )


def _check(request: StudioRequest, domain: Domain, editing: TypeEditing) -> HttpResponse:
    slug = editing.content_type.slug if editing.content_type else ""
    broken_items = check_schema(
        domain, slug, schema=editing.schema, manifest=editing.manifest, by=request.actor
    )
    editing.broken_items = _with_titles([item.as_json() for item in broken_items])
    editing.note_removed_fields()
    return type_page(request, domain, editing)


def _with_titles(broken_items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    items = items_by_id(read_uuid(entry["id"]) for entry in broken_items)
    titles = titles_of(items.values())
    return [
        entry | {"title": titles.get(read_uuid(entry["id"]), entry["id"])} for entry in broken_items
    ]


def type_page(
    request: StudioRequest, domain: Domain, editing: TypeEditing, *, status: int = 200
) -> HttpResponse:
    """The page of the form; htmx gets the form, or the live form alone."""
    is_new = editing.content_type is None and not is_htmx(request)
    context = frame(request, domain, tab="content") | editing.context()
    context["starters"] = list_missing_starters(domain) if is_new else []
    template = "studio/type.html"
    if is_htmx(request):
        template += "#live" if request.htmx.target == "live" else "#editor"
    return render(request, template, context, status=status)


@studio_page("content.admin", methods=READ_AND_WRITE)
def delete_type(request: StudioRequest, domain: Domain, slug: str) -> HttpResponse:
    """Ask for confirmation, then delete a content type without items."""
    content_type = find_type(domain, slug)
    refusal: Refusal | None = None
    if request.method == "POST":
        try:
            delete_content_type(domain, slug, by=request.actor)
            messages.success(request, _("Content type deleted."))
            return redirect("studio_domain", domain)
        except Conflict as error:
            refusal = error
    context = frame(request, domain, tab="content") | {
        "content_type": content_type,
        "refusal": refusal,
    }
    status = refusal.status if refusal else 200
    return render(request, "studio/delete_type.html", context, status=status)


@studio_page()
def type_code(request: StudioRequest, domain: Domain, slug: str) -> HttpResponse:
    """The content type for programs: its address in the API, and its code to download."""
    context = frame(request, domain, tab="content") | {
        "content_type": find_type(domain, slug),
        "kinds": list(PRINTERS),
    }
    return render(request, "studio/type_code.html", context)


@studio_page()
def type_file(request: StudioRequest, domain: Domain, slug: str, kind: str) -> HttpResponse:
    """The schema as code, as a file."""
    text = print_artifact(find_type(domain, slug), kind)
    # Plain text and a download: code that a publisher has shaped must not run on our origin.
    response = HttpResponse(text, content_type="text/plain; charset=utf-8")
    name = f"{slug}.{FILE_NAMES[kind]}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
