"""Public pages of a person: agents and reviews."""

from typing import cast

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from clawstore.editorial.queries import list_scope_entries
from clawstore.people.revisions import person_revision
from foundation.paging import numbered_page
from foundation.web.languages import LANGUAGES, preferences_of
from foundation.web.page_cache import cached_page
from profiles.models import Profile
from profiles.queries import profile_named, scope_of_profile
from registry.agents.rows import list_rows
from registry.models import Agent, AgentQuerySet
from reviews.models import ReviewQuerySet
from reviews.queries import reviews_by
from wordclaw.policy.queries import is_member

LATEST_REVIEWS = 3
LATEST_TEXTS = 5


AGENTS_PER_PAGE = 20


REVIEWS_PER_PAGE = 20


@require_safe
@cached_page(revision=person_revision, vary=[LANGUAGES])
def person(request: HttpRequest, login: str) -> HttpResponse:
    """A person with their agents and their latest reviews. Logins match in any case."""
    if login != login.lower():
        # One address for each person, so that caches and search engines keep one page.
        return HttpResponsePermanentRedirect(reverse("person", args=[login.lower()]))
    profile = profile_named(login)
    agents = Agent.objects.listed().filter(owner_user=profile.user_id)
    ordered_agents = agents.order_by("-download_count", "id")
    page = numbered_page(Paginator(ordered_agents, AGENTS_PER_PAGE), request.GET.get("page"))
    reviews = reviews_written_by(profile)
    languages = preferences_of(request)
    scope = scope_of_profile(profile) or ""
    context = {
        "profile": profile,
        "scope": scope,
        "texts": list_scope_entries(scope, languages, limit=LATEST_TEXTS),
        # A former member keeps the scope of the URL, so the page does not reveal the old login.
        "login": login if profile.is_former else profile.github_login,
        "page": page,
        "rows": list_rows(cast(AgentQuerySet, page.object_list), languages),
        "reviews": reviews[:LATEST_REVIEWS],
        "review_count": reviews.count(),
        "studio": _studio_of(request, profile),
    }
    return render(request, "pages/person.html", context)


def _studio_of(request: HttpRequest, profile: Profile) -> str | None:
    """The person's scope if the reader is a member of its domain, else None."""
    user_id = request.actor.user_id  # type: ignore[attr-defined]
    scope = None if user_id is None or profile.is_former else scope_of_profile(profile)
    if scope and (user_id == profile.user_id or is_member(scope, user_id)):
        return scope
    return None


@require_safe
@cached_page(revision=person_revision)
def person_reviews(request: HttpRequest, login: str) -> HttpResponse:
    """All reviews by a person, newest first."""
    if login != login.lower():
        return HttpResponsePermanentRedirect(reverse("person_reviews", args=[login.lower()]))
    profile = profile_named(login)
    pages = Paginator(reviews_written_by(profile), REVIEWS_PER_PAGE)
    context = {
        "profile": profile,
        "login": login if profile.is_former else profile.github_login,
        "page": numbered_page(pages, request.GET.get("page")),
    }
    return render(request, "pages/person_reviews.html", context)


def reviews_written_by(profile: Profile) -> ReviewQuerySet:
    """Reviews by a person; none for a former member.

    Reviews of former members are anonymous, and their scope's page must not reveal the author.
    """
    reviews = reviews_by(profile.user_id)
    return reviews.none() if profile.is_former else reviews
