"""The HTML door to agents: browse, one agent, its versions, one version."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from foundation.web.addresses import redirect_to_lowercase
from foundation.web.page_cache import cached_page
from foundation.web.requests import Request
from registry.agents.detail import heading_of
from registry.agents.queries import find_agent
from registry.agents.revisions import agent_revision
from registry.downloads.chart import chart_of, read_days


@require_safe
@redirect_to_lowercase
@cached_page(revision=agent_revision)
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
