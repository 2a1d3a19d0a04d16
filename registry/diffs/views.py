"""HTML pages of the diff between two versions, and the list of versions."""

from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from foundation.paging import numbered_page
from foundation.web.page_cache import cached_page
from foundation.web.requests import Request
from registry.agents.addresses import redirect_to_lowercase
from registry.agents.detail import get_header, header_from_version
from registry.agents.provenance import describe_provenance_change, get_provenance
from registry.agents.queries import find_visible_agent, version_history
from registry.agents.revisions import agent_revision
from registry.diffs.limits import charge_diff
from registry.diffs.queries import (
    VersionPair,
    find_pair,
    latest_upgrade,
    list_history_entries,
    may_read_texts,
)
from registry.diffs.rendered import get_diff_html, render_public_diff
from registry.models import Agent
from registry.transfers.queries import moves_of
from wordclaw.payments.access.api import page_reader

VERSIONS_PER_PAGE = 50


@require_safe
@redirect_to_lowercase
@cached_page(revision=agent_revision)
def latest_changes(request: Request, scope: str, name: str) -> HttpResponse:
    """The latest upgrade. ``?from=…&to=…``, sent by the form, redirects to that pair."""
    agent = find_visible_agent(scope, name, by=request.actor)
    old, new = request.GET.get("from"), request.GET.get("to")
    if old and new:
        return HttpResponseRedirect(_diff_url(find_pair(agent, old, new)))
    return _diff_page(request, agent, latest_upgrade(agent))


@require_safe
@redirect_to_lowercase
@cached_page(revision=agent_revision)
def changes(request: Request, scope: str, name: str, old: str, new: str) -> HttpResponse:
    agent = find_visible_agent(scope, name, by=request.actor)
    return _diff_page(request, agent, find_pair(agent, old, new))


def _diff_page(request: Request, agent: Agent, pair: VersionPair) -> HttpResponse:
    # Before any other query: most requests of a crawler are refused here.
    charge = charge_diff(request, request.actor, pair)
    is_open = may_read_texts(pair, page_reader(request, request.actor))
    make_body = get_diff_html if is_open else render_public_diff
    body = make_body(pair, get_language(), charge=charge)
    sources = get_provenance([pair.old.pk, pair.new.pk])
    old_source, new_source = sources.get(pair.old.pk), sources.get(pair.new.pk)
    context = {
        "header": header_from_version(agent, pair.new, pair.version_count),
        "is_pinned": pair.new.pk != agent.latest_version_id,
        "tab": "changes",
        "pair": pair,
        "body": body,
        "source_change": describe_provenance_change(old_source, new_source),
        "address": _diff_url(pair),
        "is_gated": not is_open,
    }
    return render(request, "registry/version_diff.html", context)


def _diff_url(pair: VersionPair) -> str:
    agent, old, new = pair.agent, pair.old.version, pair.new.version
    return reverse("changes", args=[agent.scope, agent.name, old, new])


@require_safe
@redirect_to_lowercase
@cached_page(revision=agent_revision)
def versions(request: Request, scope: str, name: str) -> HttpResponse:
    agent = find_visible_agent(scope, name, by=request.actor)
    paginator = Paginator(version_history(agent), VERSIONS_PER_PAGE)
    page = numbered_page(paginator, request.GET.get("page"))
    context = {
        "header": get_header(agent),
        "page": page,
        "entries": list_history_entries(agent, list(page)),
        "moves": moves_of(agent),
        "tab": "versions",
    }
    return render(request, "registry/versions.html", context)
