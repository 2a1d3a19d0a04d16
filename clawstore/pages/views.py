"""Pages that combine apps: home, and a person with their agents."""

from typing import cast

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from profiles.queries import profile_named
from registry.models import Agent, AgentQuerySet
from registry.search import AgentSearch, in_order
from registry.sheets import rows_of, shelves_of

ROWS_AT_HOME = 5
AGENTS_PER_PAGE = 20


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    newest = rows_of(in_order(AgentSearch(sort="recent"))[:ROWS_AT_HOME])
    popular = rows_of(in_order(AgentSearch(sort="downloads"))[:ROWS_AT_HOME])
    shelves = shelves_of(AgentSearch())
    context = {
        "newest": newest,
        "popular": popular,
        "featured": next(iter(popular), None),
        "shelves": [shelf for shelf in shelves if shelf.count],
        "total": sum(shelf.count for shelf in shelves),
        "hide_search": True,
    }
    return render(request, "pages/home.html", context)


@require_safe
def person(request: HttpRequest, login: str) -> HttpResponse:
    """A person and what they have published; names match in any case."""
    if login != login.lower():
        return HttpResponsePermanentRedirect(reverse("person", args=[login.lower()]))
    profile = profile_named(login)
    agents = Agent.objects.listed().filter(owner_user=profile.user_id)
    ordered = agents.order_by("-download_count", "id")
    page = Paginator(ordered, AGENTS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "profile": profile,
        "page": page,
        "rows": rows_of(cast(AgentQuerySet, page.object_list)),
    }
    return render(request, "pages/person.html", context)


@require_safe
@cache_control(public=True, max_age=86400)
def opensearch(request: HttpRequest) -> HttpResponse:
    """Tells a browser how to search the shop from its address bar."""
    context = {"name": settings.INSTANCE_NAME, "base_url": settings.BASE_URL}
    kind = "application/opensearchdescription+xml"
    return render(request, "pages/opensearch.xml", context, content_type=kind)
