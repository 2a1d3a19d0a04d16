"""The HTML door to what changed between two versions."""

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from foundation.access.middleware import Request
from foundation.limits.middleware import take_from
from registry.comparisons import (
    Couple,
    comparison_of,
    find_couple,
    latest_couple,
    summary_of,
)
from registry.models import Agent
from registry.queries import find_agent
from registry.sheets import heading_with, release_notes_of, shown_version
from registry.views import in_small_letters


@require_safe
@in_small_letters
def latest_changes(request: Request, scope: str, name: str) -> HttpResponse:
    """The version that the agent's page speaks of, against the one before it; or, where a form
    asks for two, on to those."""
    agent = find_agent(scope, name, by=request.actor)
    asked = request.GET.get("from"), request.GET.get("to")
    if asked[0] and asked[1]:
        couple = find_couple(agent, asked[0], asked[1])
        return HttpResponseRedirect(_address(couple))
    return _page(request, agent, latest_couple(agent, shown_version(agent).version))


@require_safe
@in_small_letters
def changes(request: Request, scope: str, name: str, old: str, new: str) -> HttpResponse:
    """What changed from one version to another, whichever is newer."""
    agent = find_agent(scope, name, by=request.actor)
    return _page(request, agent, find_couple(agent, old, new))


def _page(request: Request, agent: Agent, couple: Couple) -> HttpResponse:
    comparison = comparison_of(
        couple, before_distant=lambda: take_from(request, "compare", request.actor)
    )
    summary = summary_of(comparison)
    context = {
        "heading": heading_with(agent, couple.new),
        "is_pinned": couple.new.pk != agent.latest_version_id,
        "tab": "changes",
        "couple": couple,
        "summary": summary,
        "files": list(zip(summary.files.files, comparison.pages, strict=True)),
        "notes": release_notes_of([couple.new.pk]).get(couple.new.pk),
        "address": _address(couple),
    }
    return render(request, "registry/changes.html", context)


def _address(couple: Couple) -> str:
    agent, old, new = couple.agent, couple.old.version, couple.new.version
    return reverse("changes", args=[agent.scope, agent.name, old, new])
