"""Pages of content: policies, announcements, collections, guides and posts."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from clawstore.about.pages import STATIC_PAGES
from clawstore.editorial.addresses import report_address
from clawstore.editorial.frame import get_frame
from clawstore.editorial.models import ContentPage
from clawstore.editorial.policy_changes import compare_versions
from clawstore.editorial.prices import may_read_page
from clawstore.editorial.queries import (
    ContentText,
    QuestionAnswer,
    agent_ids_of,
    find_page,
    find_reported_agent,
    list_agents,
    list_entries,
    list_published_versions,
    make_entry,
    pages_about,
    pages_by,
    pages_of,
    read_page,
    read_version,
    with_agents,
)
from clawstore.editorial.revisions import content_revision, guides_revision, scope_revision
from foundation.web.addresses import lowercase_redirect
from foundation.web.languages import LANGUAGES, languages_of
from foundation.web.page_cache import cached_page
from foundation.web.requests import Request
from profiles.queries import profile_named
from registry.agents.addresses import redirect_to_lowercase
from registry.agents.detail import get_header
from registry.agents.queries import find_visible_agent
from registry.agents.revisions import agents_revision, catalogue_revision
from wordclaw.policy.actions import STORE

# Kind → title, and what the list says about it.
LISTS: dict[str, tuple[Promise, Promise]] = {
    "announcements": (_("Announcements"), _("News of this marketplace.")),
    "collections": (_("Collections"), _("Agents chosen by an editor, with a reason for each.")),
    "guides": (_("Guides"), _("How to do something with agents.")),
}

TITLES: dict[str, Promise] = {
    **{kind: title for kind, (title, _words) in LISTS.items()},
    "posts": _("Posts"),
}


@require_safe
@cached_page(revision=content_revision, vary=[LANGUAGES])
def policy(request: HttpRequest, chapter: str) -> HttpResponse:
    """The present version of a policy of the store."""
    page = find_page(STORE, "policies", chapter)
    text = read_page(page, languages_of(request))
    return _policy_page(request, page, text)


@require_safe
@cached_page(revision=content_revision, vary=[LANGUAGES])
def policy_version(request: HttpRequest, chapter: str, number: int) -> HttpResponse:
    """A former version of a policy, or the present one by its number."""
    page = find_page(STORE, "policies", chapter)
    text = read_version(page, number, languages_of(request))
    return _policy_page(request, page, text, number=number)


def _policy_page(
    request: HttpRequest, page: ContentPage, text: ContentText, *, number: int | None = None
) -> HttpResponse:
    # The number of the present version has an address, too, which stays valid as a reference.
    is_former = number is not None and number != page.version.version
    context = policy_context(page.slug) | {
        "text": text,
        "title": text.page.texts.title,
        "number": number,
        "is_former": is_former,
        "versions": list_published_versions(page),
    }
    return finished(render(request, "about/policy.html", context), text)


@require_safe
@cached_page(revision=content_revision, vary=[LANGUAGES])
def policy_changes(request: HttpRequest, chapter: str, earlier: int, later: int) -> HttpResponse:
    """The words that changed between two published versions of a policy."""
    page = find_page(STORE, "policies", chapter)
    context = policy_context(page.slug) | {
        "changes": compare_versions(page, earlier, later, languages_of(request)),
        "title": make_entry(page, languages_of(request)).texts.title,
        "versions": list_published_versions(page),
    }
    return render(request, "about/policy_changes.html", context)


def policy_context(chapter: str) -> dict[str, Any]:
    """Return the context of the frame of policies and explanations."""
    return {
        "chapter": chapter,
        "chapters": all_chapters(),
        "contact": settings.CONTACT_EMAIL,
        "is_closed": settings.SIGN_IN_TO_READ,
    }


def all_chapters() -> list[tuple[str, str | Promise]]:
    """Slug and title of each policy, and of each page that explains the site."""
    # In the language of the instance, because the explanations beside them have no other.
    policies = get_frame().policies_in([settings.LANGUAGE_CODE])
    return [*policies, *STATIC_PAGES.items()]


def finished(response: HttpResponse, *texts: ContentText | QuestionAnswer) -> HttpResponse:
    """Keep a page whose text could not be rendered out of all caches."""
    if not all(text.is_final for text in texts):
        # A cached page would keep the plain text after the HTML is there, as rendering changes no
        # revision.
        response.headers["Cache-Control"] = "no-store"
    return response


def content_list_revision(request: HttpRequest, kind: str) -> object:
    """The revision of a list of the store; collections show icons of agents, too."""
    agents = catalogue_revision() if kind == "collections" else 0
    return content_revision(request), agents


@require_safe
@cached_page(revision=content_list_revision, vary=[LANGUAGES])
def content_list(request: HttpRequest, kind: str) -> HttpResponse:
    """Announcements, collections or guides of the store."""
    title, words = LISTS[kind]
    entries = list_entries(STORE, kind, languages_of(request))
    context = {
        "kind": kind,
        "title": title,
        "words": words,
        "entries": with_agents(entries) if kind == "collections" else entries,
    }
    return render(request, "editorial/list.html", context)


def content_page_revision(request: HttpRequest, kind: str, slug: str, scope: str = "") -> object:
    """The revision of a page and of its agents; None without such a page."""
    page = pages_of(scope or STORE, kind).filter(slug=slug).first()
    if page is None:
        return None
    # With the agents, because a delisted one must vanish from the page at once.
    return content_revision(request, scope=scope), agents_revision(agent_ids_of(page))


@require_safe
@cached_page(revision=content_page_revision, vary=[LANGUAGES])
def content_page(request: Request, kind: str, slug: str, scope: str = "") -> HttpResponse:
    """An announcement, a collection, a guide or a post."""
    languages = languages_of(request)
    page = find_page(scope or STORE, kind, slug)
    is_bought = page.price_satoshis is not None and may_read_page(request, page.version)
    text = read_page(page, languages, is_bought=is_bought)
    context = {
        "scope": scope,
        "list_title": TITLES[kind],
        "list_address": reverse("scope_content", args=[scope]) if scope else reverse(kind),
        "text": text,
        "is_bought": is_bought,
        "chosen": list_agents(page, languages),
        "report": report_of(request, scope, page) if scope else "",
    }
    return finished(render(request, "editorial/page.html", context), text)


def report_of(request: HttpRequest, scope: str, page: ContentPage | None = None) -> str:
    """Where the text on a publisher's page is reported."""
    return report_address(find_reported_agent(scope, page), request.path)


@require_safe
@lowercase_redirect("scope")
@cached_page(revision=scope_revision, vary=[LANGUAGES])
def scope_content(request: HttpRequest, scope: str) -> HttpResponse:
    """All guides, posts and answers of a publisher."""
    profile = profile_named(scope)
    pages = pages_by(scope, languages_of(request))
    context = {"profile": profile, "login": scope, "scope": scope, "pages": pages}
    context["report"] = report_of(request, scope)
    return finished(render(request, "editorial/scope.html", context), *pages.answers)


@require_safe
@redirect_to_lowercase
@cached_page(revision=guides_revision, vary=[LANGUAGES])
def agent_guides(request: Request, scope: str, name: str) -> HttpResponse:
    """The guides, posts and answers about an agent, of the store and of its publisher."""
    agent = find_visible_agent(scope, name, by=request.actor)
    pages = pages_about(agent, languages_of(request))
    context = {
        "header": get_header(agent),
        "tab": "guides",
        "pages": pages,
        "report": report_address(agent, request.path),
    }
    return finished(render(request, "editorial/agent_guides.html", context), *pages.answers)
