"""Pages that combine apps: home, and a person with their agents."""

from typing import cast

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from profiles.models import Profile
from profiles.queries import profile_named
from registry.agents.detail import rows_of
from registry.models import Agent, AgentQuerySet
from reviews.models import ReviewQuerySet
from reviews.queries import reviews_by

REVIEWS_OF_A_PERSON = 3


AGENTS_PER_PAGE = 20


REVIEWS_PER_PAGE = 20


@require_safe
def person(request: HttpRequest, login: str) -> HttpResponse:
    """A person, what they have published and what they said last of others' agents; names match
    in any case."""
    if login != login.lower():
        return HttpResponsePermanentRedirect(reverse("person", args=[login.lower()]))
    profile = profile_named(login)
    agents = Agent.objects.listed().filter(owner_user=profile.user_id)
    ordered = agents.order_by("-download_count", "id")
    page = Paginator(ordered, AGENTS_PER_PAGE).get_page(request.GET.get("page"))
    written = reviews_written_by(profile)
    context = {
        "profile": profile,
        # Who has left is shown by the name that was asked for: one leads not to the other.
        "login": login if profile.is_former else profile.github_login,
        "page": page,
        "rows": rows_of(cast(AgentQuerySet, page.object_list)),
        "reviews": written[:REVIEWS_OF_A_PERSON],
        "review_count": written.count(),
    }
    return render(request, "pages/person.html", context)


@require_safe
def person_reviews(request: HttpRequest, login: str) -> HttpResponse:
    """All that a person has said of agents, newest first."""
    if login != login.lower():
        return HttpResponsePermanentRedirect(reverse("person_reviews", args=[login.lower()]))
    profile = profile_named(login)
    pages = Paginator(reviews_written_by(profile), REVIEWS_PER_PAGE)
    context = {
        "profile": profile,
        "login": login if profile.is_former else profile.github_login,
        "page": pages.get_page(request.GET.get("page")),
    }
    return render(request, "pages/person_reviews.html", context)


def reviews_written_by(profile: Profile) -> ReviewQuerySet:
    """Of a former member none: their reviews bear no name any more, and must not get it back by
    the page of their scope."""
    written = reviews_by(profile.user_id)
    return written.none() if profile.is_former else written
