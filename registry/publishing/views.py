"""The author's pages: upload, look, publish; what one has published; yank."""

from contextlib import suppress
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.files.storage import default_storage
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from foundation.limits.middleware import limited
from foundation.refusals import Refusal
from foundation.web.requests import Request
from profiles.queries import scope_of
from registry.agents.actions import yank_version
from registry.agents.detail import ledger_of, own_agents
from registry.agents.queries import claimed_agent, find_version
from registry.errors import DraftNotFound
from registry.package.checks.images import SVG
from registry.publishing.draft_preview import coming_changes, drafts_of, outlook_of, preview_of
from registry.publishing.drafts import (
    discard_draft,
    find_draft,
    keep_draft,
    publish_draft,
    published_from,
)
from registry.publishing.forms import UploadForm, YankForm
from registry.publishing.multipart import PackageUploadHandler, upload_from_form
from registry.rules.permissions import OFFICIAL, may_manage

AGENTS_PER_PAGE = 50


@csrf_exempt
def publish(request: HttpRequest) -> HttpResponse:
    """Choose a package. The token is checked below: the handler that stops an upload at its limit
    has to stand before anything reads the form."""
    request.upload_handlers = [PackageUploadHandler(request)]
    return _publish(request)


@csrf_protect
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@limited("write")
def _publish(request: Request) -> HttpResponse:
    if request.method != "POST":
        return _publish_page(request, UploadForm())
    form = UploadForm(request.POST)
    try:
        draft = keep_draft(upload_from_form(request), by=request.actor)
    except Refusal as refusal:
        return _publish_page(request, form, refusal)
    return redirect("draft", draft.pk)


def _publish_page(
    request: Request, form: UploadForm, refusal: Refusal | None = None
) -> HttpResponse:
    context = {
        "form": form,
        "refusal": refusal,
        "drafts": drafts_of(request.actor),
        "scope": scope_of(request.actor.user_id),
        "may_choose": request.actor.require_user().has_role(OFFICIAL),
    }
    return render(
        request, "author/publish.html", context, status=refusal.status if refusal else 200
    )


@login_required
@require_safe
def draft(request: Request, draft_id: UUID) -> HttpResponse:
    """The page as it will be, its owner's alone."""
    found = find_draft(draft_id, by=request.actor)
    return _draft_page(request, found)


def _draft_page(request: Request, found: Any, refusal: Refusal | None = None) -> HttpResponse:
    sheet = preview_of(found)
    coming = coming_changes(sheet)
    context = {
        "draft": found,
        "sheet": sheet,
        "coming": coming,
        "outlook": outlook_of(sheet, coming),
        "refusal": refusal,
    }
    return render(request, "author/draft.html", context, status=refusal.status if refusal else 200)


@login_required
@require_POST
@limited("publish")
def confirm(request: Request, draft_id: UUID) -> HttpResponse:
    """Publish what was looked at. A form sent twice leads where the first one led."""
    try:
        version = publish_draft(draft_id, by=request.actor)
    except Refusal as refusal:
        done = published_from(request.POST.get("sha256", ""), by=request.actor)
        if done is None:
            return _draft_page(request, find_draft(draft_id, by=request.actor), refusal)
        version = done
    return redirect("version", version.agent.scope, version.agent.name, version.version)


@login_required
@require_POST
def discard(request: Request, draft_id: UUID) -> HttpResponse:
    with suppress(DraftNotFound):  # Sent twice: it is gone, as wished.
        discard_draft(draft_id, by=request.actor)
    return redirect("publish")


@login_required
@require_safe
def draft_asset(request: Request, draft_id: UUID, place: int) -> FileResponse:
    """A picture of a draft, for the preview."""
    assets = find_draft(draft_id, by=request.actor).assets
    if place >= len(assets):
        raise Http404
    stream = default_storage.open_stream(assets[place]["r2_key"])  # type: ignore[attr-defined]
    headers = {
        "Cache-Control": "private, max-age=3600",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    kind = assets[place]["content_type"]
    return FileResponse(stream, as_attachment=kind == SVG, content_type=kind, headers=headers)


@login_required
@require_safe
def my_agents(request: Request) -> HttpResponse:
    """What one has published, with how it fares and what maintainers took out of the shop."""
    mine = own_agents(request.actor.require_user().pk)
    page = Paginator(mine, AGENTS_PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "drafts": drafts_of(request.actor)}
    return render(request, "author/agents.html", context)


@login_required
@require_safe
def my_versions(request: Request, scope: str, name: str) -> HttpResponse:
    """The versions of one's own agent, each with its downloads, how it stands, and the way to yank
    it or to appeal."""
    agent = claimed_agent(scope, name)
    if not may_manage(agent, request.actor):
        raise Http404
    page = Paginator(ledger_of(agent), AGENTS_PER_PAGE).get_page(request.GET.get("page"))
    is_own = request.actor.is_user(agent.owner_user_id)
    return render(request, "author/versions.html", {"agent": agent, "page": page, "is_own": is_own})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@limited("write")
def yank(request: Request, scope: str, name: str, version: str) -> HttpResponse:
    """Take a version out of resolution, with a reason that its page will show."""
    agent = claimed_agent(scope, name)
    if not may_manage(agent, request.actor):
        raise Http404
    found = find_version(agent, version)
    form, refusal = YankForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        try:
            yank_version(agent, version, reason=form.cleaned_data["reason"], by=request.actor)
            return redirect("version", agent.scope, agent.name, version)
        except Refusal as error:
            refusal = error
    context = {"agent": agent, "version": found, "form": form, "refusal": refusal}
    status = 422 if form.errors else refusal.status if refusal else 200
    return render(request, "author/yank.html", context, status=status)
