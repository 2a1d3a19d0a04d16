"""The downloads tab of an agent."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from foundation.web.page_cache import cached_page
from foundation.web.requests import Request
from registry.agents.addresses import redirect_to_lowercase
from registry.agents.detail import get_header
from registry.agents.queries import find_visible_agent
from registry.agents.revisions import agent_revision
from registry.downloads.chart import make_chart, parse_days

DAY_CHOICES = (7, 30, 90)


@require_safe
@redirect_to_lowercase
@cached_page(revision=agent_revision)
def downloads(request: Request, scope: str, name: str) -> HttpResponse:
    """Downloads of each version on each day, as a chart and as tables."""
    agent = find_visible_agent(scope, name, by=request.actor)
    chart = make_chart(agent, parse_days(request.GET.get("days")))
    context = {
        "header": get_header(agent),
        "chart": chart,
        "choices": DAY_CHOICES,
        "tab": "downloads",
    }
    return render(request, "registry/downloads.html", context)
