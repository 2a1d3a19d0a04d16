"""The HTML door to agents: browse, one agent, its versions, one version."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from foundation.access.middleware import Request
from registry.browsing import browse_agents, rows_in_order
from registry.charts import chart_of, read_days
from registry.forms import AgentSearchForm
from registry.queries import find_agent
from registry.search import suggest_agents
from registry.sheets import heading_of, ledger_of, sheet_of
from registry.trust import last_growth, trust_facts_of
from registry.version_diffs import entries_of

AGENTS_PER_PAGE = 20
VERSIONS_PER_PAGE = 50

View = Callable[..., HttpResponse]


def in_small_letters(view: View) -> View:
    """Names match in any case, and have one address: the one in small letters."""

    @wraps(view)
    def moved(request: HttpRequest, scope: str, name: str, **rest: Any) -> HttpResponse:
        if (scope, name) == (scope.lower(), name.lower()):
            return view(request, scope, name, **rest)
        small = {"scope": scope.lower(), "name": name.lower(), **rest}
        match = request.resolver_match
        address = reverse(match.view_name if match else "agent", kwargs=small)
        asked = request.META.get("QUERY_STRING", "")
        return HttpResponsePermanentRedirect(f"{address}?{asked}" if asked else address)

    return moved


@require_safe
def browse(request: HttpRequest) -> HttpResponse:
    """All state is in the address; what makes no sense there is left out, and said so."""
    form = AgentSearchForm(request.GET)
    search = form.search()
    browsed = browse_agents(search)
    page = Paginator(browsed.agents, AGENTS_PER_PAGE).get_page(request.GET.get("page"))
    rows = rows_in_order(list(page.object_list))
    context = form.links(browsed) | {"form": form, "page": page, "rows": rows}
    return render(request, "registry/browse.html", context)


@require_safe
def suggest(request: HttpRequest) -> HttpResponse:
    """The first agents for what is being typed, as options of the search box."""
    found = suggest_agents(request.GET.get("q", ""))
    return render(request, "registry/suggestions.html", {"suggestions": found})


@require_safe
@in_small_letters
def agent(request: Request, scope: str, name: str, version: str = "") -> HttpResponse:
    """One agent as its latest version is, or one version of it."""
    found = find_agent(scope, name, by=request.actor)
    trust = trust_facts_of(found)
    sheet = sheet_of(found, version, version_count=trust.versions)
    context = {
        "sheet": sheet,
        "heading": sheet,
        "trust": trust,
        "growth": last_growth(found),
        "is_pinned": bool(version),
        "tab": "overview",
    }
    return render(request, "registry/agent.html", context)


@require_safe
@in_small_letters
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


@require_safe
@in_small_letters
def downloads(request: Request, scope: str, name: str) -> HttpResponse:
    """How often each version was downloaded on each day, drawn and as tables."""
    found = find_agent(scope, name, by=request.actor)
    chart = chart_of(found, read_days(request.GET.get("days")))
    context = {
        "heading": heading_of(found),
        "chart": chart,
        "choices": (7, 30, 90),
        "tab": "downloads",
    }
    return render(request, "registry/downloads.html", context)
