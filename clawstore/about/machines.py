"""Documents for programs: robots.txt, llms.txt, sitemaps, OpenSearch description.

Addresses begin with BASE_URL, whatever host the request names.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from urllib.parse import quote

import orjson
from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.core.paginator import EmptyPage
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from clawstore.editorial.addresses import address_of
from clawstore.editorial.models import ContentPage
from clawstore.editorial.views import LISTS, all_chapters
from foundation.batches import in_batches
from foundation.clock import iso, now
from foundation.web.responses import JSON
from profiles.models import Profile
from registry.models import Agent, Category

# Fewer than the 50,000 of the protocol, so that a request makes a page of them quickly.
MAX_ADDRESSES = 10_000
PLAIN, XML = "text/plain; charset=utf-8", "application/xml"
SECURITY_TXT_LIFETIME = timedelta(days=180)
CACHE_FOR_AN_HOUR = cache_control(public=True, max_age=3600)
# Private pages, actions and unbounded URL spaces.
DISALLOWED = (
    "/account",
    "/accounts/",
    "/admin/",
    "/appeals",
    "/device",
    "/embed/",
    "/oauth/",
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
@CACHE_FOR_AN_HOUR
def favicon(request: HttpRequest) -> HttpResponse:
    """Where programs that read no HTML, such as feed readers, look for the icon."""
    return HttpResponseRedirect(static("img/favicon.ico"))


@require_safe
@CACHE_FOR_AN_HOUR
def robots(request: HttpRequest) -> HttpResponse:
    """Which pages bots may read; on a closed instance none."""
    rules_of_closed_shop = {"disallowed": ["/"], "sitemap": ""}
    sitemap_url = settings.BASE_URL + reverse("sitemap")
    rules_of_open_shop = {"disallowed": DISALLOWED, "sitemap": sitemap_url}
    context = rules_of_closed_shop if settings.SIGN_IN_TO_READ else rules_of_open_shop
    return render(request, "machines/robots.txt", context, content_type=PLAIN)


@require_safe
@CACHE_FOR_AN_HOUR
def llms(request: HttpRequest) -> HttpResponse:
    """A description of this instance and its API for language models."""
    context = {
        "categories": Category.objects.all(),
        "chapters": all_chapters(),
        "contact": settings.CONTACT_EMAIL,
        "mcp_address": f"{settings.BASE_URL}/mcp" if settings.MCP_ON else "",
        "has_oauth": settings.OAUTH_ON,
    }
    return render(request, "machines/llms.txt", context, content_type=PLAIN)


@require_safe
@cache_control(public=True, max_age=86400)
def security_txt(request: HttpRequest) -> HttpResponse:
    """Where to report a vulnerability (RFC 9116).

    It expires half a year after it was read, so that no copy outlives the address for long.
    """
    # At midnight, so that all answers of a day are equal, as their cache time promises.
    expires = (now() + SECURITY_TXT_LIFETIME).replace(hour=0, minute=0, second=0, microsecond=0)
    fields = {
        "Contact": f"mailto:{quote(settings.CONTACT_EMAIL, safe='@+')}",
        "Expires": iso(expires),
        "Preferred-Languages": settings.LANGUAGE_CODE,
        "Canonical": settings.BASE_URL + reverse("security_txt"),
        "Policy": f"{settings.BASE_URL}{reverse('about', args=['content'])}",
    }
    lines = [f"{name}: {value}\n" for name, value in fields.items()]
    return HttpResponse("".join(lines), content_type=PLAIN)


@require_safe
@cache_control(public=True, max_age=86400)
def api_catalog(request: HttpRequest) -> HttpResponse:
    """Links to the API and its documents (RFC 9727, a link set of RFC 9264)."""
    base = settings.BASE_URL
    links = {
        "anchor": f"{base}/v1",
        "service-desc": [{"href": base + reverse("openapi"), "type": JSON}],
        "service-doc": [
            {"href": base + reverse("api_docs"), "type": "text/html"},
            {"href": base + reverse("llms"), "type": "text/plain"},
        ],
        "service-meta": [{"href": f"{base}/v1/capabilities", "type": JSON}],
        "status": [{"href": f"{base}/v1/health", "type": JSON}],
    }
    link_sets = [links]
    if settings.MCP_ON:
        link_sets.append({"anchor": f"{base}/mcp", "service-doc": links["service-doc"][:1]})
    return HttpResponse(
        orjson.dumps({"linkset": link_sets}),
        content_type='application/linkset+json; profile="https://www.rfc-editor.org/info/rfc9727"',
        headers={"Access-Control-Allow-Origin": "*"},
    )


@dataclass(frozen=True, slots=True)
class SitemapEntry:
    """A page of the sitemap."""

    path: str
    changed_at: datetime | None = None


class SitemapSection(Sitemap):
    """One kind of page, in a stable order."""

    limit = MAX_ADDRESSES

    def location(self, item: Any) -> str:
        return item.path

    def lastmod(self, item: Any) -> datetime | None:
        return item.changed_at


class PagesSection(SitemapSection):
    def items(self) -> list[SitemapEntry]:
        categories = Category.objects.values_list("pk", flat=True)
        return [
            SitemapEntry(reverse("home")),
            SitemapEntry(reverse("browse")),
            *(SitemapEntry(f"{reverse('browse')}?category={category}") for category in categories),
            *(SitemapEntry(reverse("about", args=[chapter])) for chapter, _title in all_chapters()),
            *(SitemapEntry(reverse(kind)) for kind in LISTS),
            SitemapEntry(reverse("author_guide")),
            SitemapEntry(reverse("api_docs")),
        ]


class AgentsSection(SitemapSection):
    def items(self) -> Any:
        columns = ("scope", "name", "updated_at")
        # The reverse of an index, so that no page sorts all agents.
        return Agent.objects.listed().order_by("created_at", "-pk").values_list(*columns)

    def location(self, item: Any) -> str:
        return reverse("agent", args=item[:2])

    def lastmod(self, item: Any) -> datetime:
        return item[2]


class Publishers:
    """The logins of people with a listed agent, read from an index of agents."""

    owners = Agent.objects.listed().order_by("owner_user").values_list("owner_user", flat=True)

    def count(self) -> int:
        return self.owners.distinct().count()

    def __getitem__(self, places: slice) -> list[str]:
        owners = list(self.owners.distinct()[places])
        people = (Profile.objects.filter(user__in=batch) for batch in in_batches(owners))
        return [login for rows in people for login in rows.values_list("github_login", flat=True)]


class PeopleSection(SitemapSection):
    """People with a listed agent."""

    def items(self) -> Any:
        return Publishers()

    def location(self, item: Any) -> str:
        return reverse("person", args=[item])

    def lastmod(self, item: Any) -> None:
        return None


class ContentSection(SitemapSection):
    """Pages of content: news, collections and guides, and those of publishers."""

    def items(self) -> Any:
        pages = ContentPage.objects.filter(kind__in=(*LISTS, "posts"))
        columns = ("domain__name", "kind", "slug", "changed_at")
        return pages.order_by("published_at", "pk").values_list(*columns)

    def location(self, item: Any) -> str:
        return address_of(*item[:3])

    def lastmod(self, item: Any) -> datetime:
        return item[3]


SECTIONS: dict[str, type[SitemapSection]] = {
    "pages": PagesSection,
    "agents": AgentsSection,
    "people": PeopleSection,
    "content": ContentSection,
}


@dataclass(frozen=True, slots=True)
class BaseUrlSite:
    """Replaces Django's site, which would use the host of the request."""

    domain: str


@require_safe
@CACHE_FOR_AN_HOUR
def sitemap_index(request: HttpRequest) -> HttpResponse:
    """The sitemap index; no section page has more than 10,000 addresses."""
    sections = [
        {"location": settings.BASE_URL + reverse("sitemap_section", args=[name, page])}
        for name, section in SECTIONS.items()
        for page in section().paginator.page_range
    ]
    return render(request, "sitemap_index.xml", {"sitemaps": sections}, content_type=XML)


@require_safe
@CACHE_FOR_AN_HOUR
def sitemap(request: HttpRequest, section: str, page: int) -> HttpResponse:
    """One page of a section, counted from 1."""
    if section not in SECTIONS:
        raise Http404
    protocol, _, domain = settings.BASE_URL.partition("://")
    try:
        urls = SECTIONS[section]().get_urls(
            page, site=cast(Any, BaseUrlSite(domain)), protocol=protocol
        )
    except EmptyPage as error:
        raise Http404 from error
    for url in urls:
        url["lastmod"] = iso(url["lastmod"]) if url["lastmod"] else None
    return render(request, "machines/sitemap.xml", {"urls": urls}, content_type=XML)


@require_safe
@cache_control(public=True, max_age=86400)
def opensearch(request: HttpRequest) -> HttpResponse:
    """OpenSearch description: lets a browser search from its address bar."""
    context = {"name": settings.INSTANCE_NAME, "base_url": settings.BASE_URL}
    kind = "application/opensearchdescription+xml"
    return render(request, "pages/opensearch.xml", context, content_type=kind)
