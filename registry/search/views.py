"""The pages of the search: the list of agents, and suggestions."""

from functools import cached_property

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from foundation.web.htmx import is_htmx
from foundation.web.languages import LANGUAGES, preferences_of
from foundation.web.page_cache import cached_page
from registry.search.categories import category_page, category_revision
from registry.search.forms import AgentSearchForm
from registry.search.results import SearchPage, found_rows, search
from registry.search.revisions import results_revision
from registry.search.semantic import closest_agents
from registry.search.suggest import suggest_agents

AGENTS_PER_PAGE = 20


class RequestedSearch:
    """The search of an address, run once for the revision and for the page."""

    def __init__(self, request: HttpRequest) -> None:
        self.form = AgentSearchForm(request.GET)
        self.page_number = request.GET.get("page", "1")

    @cached_property
    def results(self) -> SearchPage:
        query = self.form.agent_search
        return search(query, limit=AGENTS_PER_PAGE, page_number=self.page_number)


def requested_search(request: HttpRequest) -> RequestedSearch:
    """The search of a request, the same object at each call."""
    search: RequestedSearch | None = getattr(request, "requested_search", None)
    if search is None:
        search = RequestedSearch(request)
        request.requested_search = search  # type: ignore[attr-defined]
    return search


def browse_revision(request: HttpRequest) -> object:
    """The revision of the results that an address asks for."""
    search = requested_search(request)
    query, number = search.form.agent_search, search.page_number
    revision = results_revision(query, number, lambda: search.results.ids)
    return revision, category_revision(query)


@require_safe
@vary_on_headers("HX-Request", "HX-Target")
@cached_page(revision=browse_revision, vary=[LANGUAGES])
def browse(request: HttpRequest) -> HttpResponse:
    """The agents of a search. Its whole state is in the address."""
    search = requested_search(request)
    form, page = search.form, search.results
    rows = found_rows(page, preferences_of(request))
    context = {
        "form": form,
        "page": page.numbered_page,
        "fitting": [row for row in rows if not row.is_loose],
        "loose": [row for row in rows if row.is_loose],
        "closest": [] if rows else closest_agents(form.agent_search),
        "category": category_page(form.agent_search) if page.number == 1 else None,
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
