"""The pages of the search: the list of agents, and suggestions."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from foundation.web.htmx import is_htmx
from foundation.web.page_cache import cached_page
from registry.search.forms import AgentSearchForm
from registry.search.results import agent_rows, search
from registry.search.revisions import results_revision
from registry.search.suggest import suggest_agents

AGENTS_PER_PAGE = 20


def browse_revision(request: HttpRequest) -> object:
    """The revision of the results that an address asks for."""
    query = AgentSearchForm(request.GET).agent_search
    return results_revision(query, request.GET.get("page", "1"), AGENTS_PER_PAGE)


@require_safe
@vary_on_headers("HX-Request", "HX-Target")
@cached_page(revision=browse_revision)
def browse(request: HttpRequest) -> HttpResponse:
    """The agents of a search. Its whole state is in the address."""
    form = AgentSearchForm(request.GET)
    number = request.GET.get("page", "1")
    page = search(form.agent_search, limit=AGENTS_PER_PAGE, page_number=number)
    context = {
        "form": form,
        "page": page.numbered,
        "rows": agent_rows(page.ids),
        "address": form.url(page=page.number if page.number > 1 else ""),
    }
    replaces_results = is_htmx(request) and request.headers.get("HX-Target") == "browse"
    template = "registry/browse.html#update" if replaces_results else "registry/browse.html"
    return render(request, template, form.links(page) | context)


@require_safe
def suggest(request: HttpRequest) -> HttpResponse:
    """The first agents for the text so far, as options of the search box."""
    suggestions = suggest_agents(request.GET.get("q", ""))
    return render(request, "registry/suggestions.html", {"suggestions": suggestions})
