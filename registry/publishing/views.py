"""Pages for authors: upload, preview, publish; own agents and versions; yank."""

import json
from contextlib import suppress
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import TooManyFilesSent
from django.core.files.storage import default_storage
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from foundation.limits.bodies import declared_length
from foundation.limits.middleware import limited
from foundation.paging import numbered_page
from foundation.refusals import Refusal
from foundation.web.requests import Request
from profiles.queries import scope_of
from registry.agents.actions import yank_version
from registry.agents.detail import get_version_detail
from registry.agents.queries import (
    find_agent,
    find_version,
    find_visible_agent,
    list_categories,
    own_agents,
    version_history,
)
from registry.models import Draft
from registry.package.checks.checked_image import SVG
from registry.publishing.actions import (
    complete_draft,
    discard_draft,
    publish_draft,
    save_draft,
)
from registry.publishing.errors import DraftNotFound, TooManyFolderFiles
from registry.publishing.forms import UploadForm, YankForm
from registry.publishing.impact import describe_impact
from registry.publishing.manifest_form import ManifestChoices, ManifestForm
from registry.publishing.multipart import (
    PackageUploadHandler,
    read_form_with,
    upload_from_form,
)
from registry.publishing.preview import build_preview, compare_with_latest
from registry.publishing.queries import (
    find_draft,
    find_import,
    find_published_version,
    find_version_of_draft,
    list_drafts,
    list_scopes,
)
from registry.publishing.quota import require_place_for_draft, require_space
from registry.rules.co_maintainers import co_maintained_scopes, is_of
from registry.rules.permissions import OFFICIAL, may_manage
from registry.transfers.queries import open_transfers_of, owned_scopes

AGENTS_PER_PAGE = 50


@csrf_exempt
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@limited("write")
def publish(request: Request) -> HttpResponse:
    # The CSRF check reads the form. It is on the inner view because nothing may be read before the
    # sender is known and has space, and before the handler is set that limits an upload.
    if request.method == "POST":
        require_space(request.actor, announced_bytes=declared_length(request) or 0)
        require_place_for_draft(request.actor)
    handler = PackageUploadHandler(request)
    read_form_with(request, handler)
    try:
        return _publish(request, handler)
    except TooManyFilesSent:
        return _upload_page(request, UploadForm(), TooManyFolderFiles())


@csrf_protect
def _publish(request: Request, handler: PackageUploadHandler) -> HttpResponse:
    if request.method != "POST":
        return _upload_page(request, UploadForm())
    form = UploadForm(request.POST)
    try:
        draft = save_draft(upload_from_form(request, handler), by=request.actor)
    except Refusal as refusal:
        return _upload_page(request, form, refusal)
    return redirect("draft" if draft.is_complete else "draft_manifest", draft.pk)


def _upload_page(
    request: Request, form: UploadForm, refusal: Refusal | None = None
) -> HttpResponse:
    context = {
        "form": form,
        "refusal": refusal,
        "drafts": list_drafts(by=request.actor),
        "scope": scope_of(request.actor.user_id),
        "other_scopes": co_maintained_scopes(request.actor.user_id),
        "may_choose": request.actor.require_user().has_role(OFFICIAL),
    }
    status = refusal.status if refusal else 200
    return render(request, "author/publish.html", context, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@limited("write")
def draft_manifest(request: Request, draft_id: UUID) -> HttpResponse:
    """The form for the agent.json of an import that has none."""
    draft = find_import(draft_id, by=request.actor)
    scopes = list_scopes(by=request.actor)
    choices = ManifestChoices(
        scopes, [(category.pk, category.name) for category in list_categories()]
    )
    form = ManifestForm(
        request.POST if request.method == "POST" else None, draft=draft, choices=choices
    )
    refusal: Refusal | None = None
    if form.is_valid():
        try:
            complete_draft(draft_id, form.document(), by=request.actor)
            return redirect("draft", draft.pk)
        except Refusal as error:
            form.place_errors(error)
            refusal = error
    findings = draft.import_facts.get("findings", ())
    context = {
        "draft": draft,
        "form": form,
        "refusal": refusal,
        "has_scope": bool(scopes),
        "has_errors": any(finding["severity"] == "error" for finding in findings),
    }
    status = refusal.status if refusal else 422 if form.errors else 200
    return render(request, "author/manifest.html", context, status=status)


@login_required
@require_safe
def draft_package(request: Request, draft_id: UUID) -> FileResponse:
    """The package of a draft as a download, for use with the CLI."""
    draft = find_draft(draft_id, by=request.actor)
    stream = default_storage.open_stream(draft.tarball_r2_key)  # type: ignore[attr-defined]
    name = f"{draft.full_id.rpartition('/')[2]}-{draft.version}.tgz"
    headers = {"Cache-Control": "private, no-store", "X-Content-SHA256": draft.tarball_sha256}
    return FileResponse(
        stream, as_attachment=True, filename=name, content_type="application/gzip", headers=headers
    )


@login_required
@require_safe
def draft(request: Request, draft_id: UUID) -> HttpResponse:
    return _draft_page(request, find_draft(draft_id, by=request.actor))


def _draft_page(request: Request, draft: Draft, refusal: Refusal | None = None) -> HttpResponse:
    preview = build_preview(draft)
    published_version = find_version_of_draft(draft)
    changes = None if published_version else compare_with_latest(preview)
    context = {
        "draft": draft,
        "detail": preview,
        "published": published_version,
        "changes": changes,
        "impact": [] if published_version else describe_impact(preview, changes),
        "earlier_images": draft.earlier_images,
        "manifest_text": json.dumps(draft.manifest, indent=2, ensure_ascii=False),
        "refusal": None if published_version else refusal,
    }
    status = refusal.status if refusal else 200
    return render(request, "author/draft.html", context, status=status)


@login_required
@require_POST
@limited("publish")
def confirm(request: Request, draft_id: UUID) -> HttpResponse:
    try:
        version = publish_draft(draft_id, by=request.actor)
    except DraftNotFound:
        # A double click sends the form twice. The second one leads to the version of the first.
        version = find_published_version(request.POST.get("sha256", ""), by=request.actor)
    except Refusal as refusal:
        return _draft_page(request, find_draft(draft_id, by=request.actor), refusal)
    return redirect("published", version.agent.scope, version.agent.name, version.version)


@login_required
@require_safe
def published(request: Request, scope: str, name: str, version: str) -> HttpResponse:
    """Shows an author the next steps after a publish."""
    agent = find_visible_agent(scope, name, by=request.actor)
    if not is_of(agent, request.actor.user_id):
        raise Http404
    context = {"detail": get_version_detail(agent, version)}
    return render(request, "author/published.html", context)


@login_required
@require_POST
def discard(request: Request, draft_id: UUID) -> HttpResponse:
    # After a double click the draft is gone already, which is what the author wants.
    with suppress(DraftNotFound):
        discard_draft(draft_id, by=request.actor)
    return redirect("publish")


@login_required
@require_safe
def draft_asset(request: Request, draft_id: UUID, place: int) -> FileResponse:
    assets = find_draft(draft_id, by=request.actor).assets
    if place >= len(assets):
        raise Http404
    stream = default_storage.open_stream(assets[place]["r2_key"])  # type: ignore[attr-defined]
    headers = {
        "Cache-Control": "private, max-age=3600",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    content_type = assets[place]["content_type"]
    # A browser runs scripts in an SVG that it opens as a page; as a download it does not.
    is_svg = content_type == SVG
    return FileResponse(stream, as_attachment=is_svg, content_type=content_type, headers=headers)


@login_required
@require_safe
def my_agents(request: Request) -> HttpResponse:
    agents = own_agents(request.actor.require_user().pk)
    page = numbered_page(Paginator(agents, AGENTS_PER_PAGE), request.GET.get("page"))
    own_scopes = owned_scopes(request.actor.user_id)
    context = {
        "page": page,
        "drafts": list_drafts(by=request.actor),
        "offers": open_transfers_of(own_scopes),
        "own_scopes": own_scopes,
    }
    return render(request, "author/agents.html", context)


@login_required
@require_safe
def my_versions(request: Request, scope: str, name: str) -> HttpResponse:
    agent = find_agent(scope, name)
    if not may_manage(agent, request.actor):
        raise Http404
    paginator = Paginator(version_history(agent), AGENTS_PER_PAGE)
    page = numbered_page(paginator, request.GET.get("page"))
    is_own = request.actor.is_user(agent.owner_user_id)
    return render(request, "author/versions.html", {"agent": agent, "page": page, "is_own": is_own})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@limited("write")
def yank(request: Request, scope: str, name: str, version: str) -> HttpResponse:
    agent = find_agent(scope, name)
    if not may_manage(agent, request.actor):
        raise Http404
    form, refusal = YankForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        try:
            yank_version(agent, version, reason=form.cleaned_data["reason"], by=request.actor)
            return redirect("version", agent.scope, agent.name, version)
        except Refusal as error:
            refusal = error
    context = {
        "agent": agent,
        "version": find_version(agent, version),
        "form": form,
        "refusal": refusal,
    }
    status = 422 if form.errors else refusal.status if refusal else 200
    return render(request, "author/yank.html", context, status=status)
