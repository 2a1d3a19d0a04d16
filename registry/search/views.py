"""The HTML door to agents: browse, one agent, its versions, one version."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from registry.search import suggest_agents
from registry.search.forms import AgentSearchForm
from registry.search.results import browse_agents, rows_in_order

AGENTS_PER_PAGE = 20


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
