"""The HTML door to agents: browse, one agent, its versions, one version."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from foundation.web.addresses import redirect_to_lowercase
from foundation.web.page_cache import cached_page
from foundation.web.requests import Request
from registry.agents.detail import sheet_of
from registry.agents.queries import find_agent
from registry.agents.revisions import agent_revision
from registry.agents.trust import last_growth, trust_facts_of


@require_safe
@redirect_to_lowercase
@cached_page(revision=agent_revision)
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
