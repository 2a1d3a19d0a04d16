"""The HTML door to what changed between two versions."""

from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from foundation.access.middleware import Request
from foundation.web.addresses import redirect_to_lowercase
from registry.agents.detail import heading_around, heading_of, ledger_of
from registry.agents.queries import find_agent, find_heading
from registry.diffs.pages import making_for, page_of
from registry.diffs.queries import Couple, entries_of, find_couple, latest_couple
from registry.models import Agent

VERSIONS_PER_PAGE = 50


@require_safe
@redirect_to_lowercase
def latest_changes(request: Request, scope: str, name: str) -> HttpResponse:
    """The version that the agent's page speaks of, against the one before it; or, where a form
    asks for two, on to those."""
    agent = find_heading(scope, name, by=request.actor)
    asked = request.GET.get("from"), request.GET.get("to")
    if asked[0] and asked[1]:
        couple = find_couple(agent, asked[0], asked[1])
        return HttpResponseRedirect(_address(couple))
    return _page(request, agent, latest_couple(agent))


@require_safe
@redirect_to_lowercase
def changes(request: Request, scope: str, name: str, old: str, new: str) -> HttpResponse:
    """What changed from one version to another, whichever is newer."""
    agent = find_heading(scope, name, by=request.actor)
    return _page(request, agent, find_couple(agent, old, new))


def _page(request: Request, agent: Agent, couple: Couple) -> HttpResponse:
    # First of all, for most of what a crawler asks for ends here.
    body = page_of(couple, get_language(), making=making_for(request, request.actor, couple))
    context = {
        "heading": heading_around(agent, couple.new, couple.version_count),
        "is_pinned": couple.new.pk != agent.latest_version_id,
        "tab": "changes",
        "couple": couple,
        "body": body,
        "address": _address(couple),
    }
    return render(request, "registry/version_diff.html", context)


def _address(couple: Couple) -> str:
    agent, old, new = couple.agent, couple.old.version, couple.new.version
    return reverse("changes", args=[agent.scope, agent.name, old, new])


@require_safe
@redirect_to_lowercase
def versions(request: Request, scope: str, name: str) -> HttpResponse:
    """The ledger: every version that ever was, the yanked ones explained."""
    found = find_agent(scope, name, by=request.actor)
    page = Paginator(ledger_of(found), VERSIONS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "heading": heading_of(found),
        "page": page,
        "entries": entries_of(found, list(page)),
        "tab": "versions",
    }
    return render(request, "registry/versions.html", context)
