"""For programs that read the shop: what they may visit, what there is, and how to ask.

Addresses begin with BASE_URL, whatever host was asked for."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.core.paginator import EmptyPage
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from clawstore.about.views import CHAPTERS
from foundation.clock import iso
from profiles.models import Profile
from registry.models import Agent, Category

MOST_ADDRESSES = 10_000
PLAIN, XML = "text/plain; charset=utf-8", "application/xml"
AN_HOUR = cache_control(public=True, max_age=3600)
# Nobody's business but one person's, or an act, or without end.
NOT_FOR_CRAWLERS = (
    "/account",
    "/accounts/",
    "/admin/",
    "/appeals",
    "/device",
    "/embed/",
    "/publish",
    "/reports/",
    "/signin",
    "/signout",
    "/suspended",
    "/v1/agents/*/tarball",
    "/agents/*/report",
    "/agents/*/reviews/write",
    "/agents/*/reviews/*/",
    "/agents/*/changes?",
    "/agents?*q=",
    "/agents?*tag=*&tag=",
)


@require_safe
@AN_HOUR
def robots(request: HttpRequest) -> HttpResponse:
    """What crawlers may read: of a closed instance nothing."""
    closed = {"disallowed": ["/"], "sitemap": ""}
    open_ = {"disallowed": NOT_FOR_CRAWLERS, "sitemap": settings.BASE_URL + reverse("sitemap")}
    context = closed if settings.SIGN_IN_TO_READ else open_
    return render(request, "machines/robots.txt", context, content_type=PLAIN)


@require_safe
@AN_HOUR
def llms(request: HttpRequest) -> HttpResponse:
    """What this is and how to use it, for a program that reads words."""
    context = {
        "categories": Category.objects.all(),
        "chapters": CHAPTERS.items(),
        "contact": settings.CONTACT_EMAIL,
    }
    return render(request, "machines/llms.txt", context, content_type=PLAIN)


@dataclass(frozen=True, slots=True)
class Address:
    """One page by its path."""

    path: str
    changed_at: datetime | None = None


class Section(Sitemap):
    """One kind of page; what it lists is in an order that stays."""

    limit = MOST_ADDRESSES

    def location(self, item: Any) -> str:
        return item.path

    def lastmod(self, item: Any) -> datetime | None:
        return item.changed_at


class Pages(Section):
    def items(self) -> list[Address]:
        shelves = Category.objects.values_list("pk", flat=True)
        return [
            Address(reverse("home")),
            Address(reverse("browse")),
            *(Address(f"{reverse('browse')}?category={shelf}") for shelf in shelves),
            *(Address(reverse("about", args=[chapter])) for chapter in CHAPTERS),
            Address(reverse("api_docs")),
        ]


class Agents(Section):
    def items(self) -> Any:
        columns = ("scope", "name", "updated_at")
        return Agent.objects.listed().order_by("created_at", "pk").values_list(*columns)

    def location(self, item: Any) -> str:
        return reverse("agent", args=item[:2])

    def lastmod(self, item: Any) -> datetime:
        return item[2]


class People(Section):
    """Those who offer something."""

    def items(self) -> Any:
        theirs = Agent.objects.listed().filter(owner_user=OuterRef("user"))
        people = Profile.objects.filter(Exists(theirs)).order_by("created_at", "pk")
        return people.values_list("github_login", flat=True)

    def location(self, item: Any) -> str:
        return reverse("person", args=[item])

    def lastmod(self, item: Any) -> None:
        return None


SECTIONS: dict[str, type[Section]] = {"pages": Pages, "agents": Agents, "people": People}


@dataclass(frozen=True, slots=True)
class Here:
    """What the framework calls a site: it would take the host that was asked for."""

    domain: str


@require_safe
@AN_HOUR
def sitemap_index(request: HttpRequest) -> HttpResponse:
    """Where the parts are; none has more than 10,000 addresses."""
    places = [
        {"location": settings.BASE_URL + reverse("sitemap_section", args=[name, page])}
        for name, section in SECTIONS.items()
        for page in section().paginator.page_range
    ]
    return render(request, "sitemap_index.xml", {"sitemaps": places}, content_type=XML)


@require_safe
@AN_HOUR
def sitemap(request: HttpRequest, section: str, page: int) -> HttpResponse:
    """One part, ``page`` counted from 1."""
    if section not in SECTIONS:
        raise Http404
    protocol, _, domain = settings.BASE_URL.partition("://")
    try:
        urls = SECTIONS[section]().get_urls(page, site=cast(Any, Here(domain)), protocol=protocol)
    except EmptyPage as error:
        raise Http404 from error
    for url in urls:
        url["lastmod"] = iso(url["lastmod"]) if url["lastmod"] else None
    return render(request, "machines/sitemap.xml", {"urls": urls}, content_type=XML)


@require_safe
@cache_control(public=True, max_age=86400)
def opensearch(request: HttpRequest) -> HttpResponse:
    """Tells a browser how to search the shop from its address bar."""
    context = {"name": settings.INSTANCE_NAME, "base_url": settings.BASE_URL}
    kind = "application/opensearchdescription+xml"
    return render(request, "pages/opensearch.xml", context, content_type=kind)
