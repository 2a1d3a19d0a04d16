"""Views for other sites: badges, card, preview picture, feeds, and the share page."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import cast

from csp.decorators import csp_replace, csp_update
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from foundation.web.conditional import unchanged_answer
from foundation.web.page_cache import cached_page
from foundation.web.requests import View
from profiles.queries import profile_named
from registry.agents.addresses import redirect_to_lowercase
from registry.agents.detail import get_header
from registry.agents.queries import find_visible_agent
from registry.agents.revisions import agent_revision
from registry.embeds.badges import BADGE_KINDS, PADDING, make_badge
from registry.embeds.feeds import (
    MAX_ITEMS,
    FeedItem,
    available_versions,
    list_events_of_agent,
    list_new_versions,
    list_removals,
    list_versions_of_agents,
)
from registry.embeds.rendered import ATOM_CONTENT_TYPE, render_feed
from registry.embeds.snippets import badge_snippets, card_snippet
from registry.embeds.social_image import load_or_draw, preview_content
from registry.models import Agent
from registry.search import RECENT, search
from registry.search.forms import AgentSearchForm

THEMES = ("light", "dark")
# The share page promises that badges are at most five minutes old.
five_minutes = cache_control(public=True, max_age=300)
# The types of the library expect a view without further arguments.
allow_frames_anywhere = cast(
    Callable[[View], View],
    csp_replace({"frame-ancestors": ["*"], "script-src": ["'none'"], "form-action": ["'none'"]}),
)
may_frame_own_pages = cast(Callable[[View], View], csp_update({"frame-src": ["'self'"]}))


@require_safe
@five_minutes
def badge(request: HttpRequest, scope: str, name: str, kind: str) -> HttpResponse:
    """The badge of a kind in ``BADGE_KINDS``; refuses like the agent's page."""
    if kind not in BADGE_KINDS:
        raise Http404
    agent = find_visible_agent(scope, name)
    context = {"badge": make_badge(agent, kind), "agent": agent, "padding": PADDING}
    response = render(request, "embeds/badge.svg", context, content_type="image/svg+xml")
    # Other sites show it as an image. Opened by itself, the SVG must load and run nothing.
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@require_safe
@redirect_to_lowercase
@xframe_options_exempt
@allow_frames_anywhere
@five_minutes
def card(request: HttpRequest, scope: str, name: str) -> HttpResponse:
    """The card for iframes: the only page that other sites may frame.

    It therefore has no forms and does not depend on the user.
    """
    theme = request.GET.get("theme", "")
    context = {
        "header": get_header(find_visible_agent(scope, name)),
        "theme": theme if theme in THEMES else "",
    }
    return render(request, "embeds/card.html", context)


@require_safe
@redirect_to_lowercase
@may_frame_own_pages
@cached_page(revision=agent_revision)
def share(request: HttpRequest, scope: str, name: str) -> HttpResponse:
    agent = find_visible_agent(scope, name)
    context = {
        "header": get_header(agent),
        "tab": "share",
        "badges": badge_snippets(agent),
        "card": reverse("card", args=[agent.scope, agent.name]),
        "card_code": card_snippet(agent),
        "feed": settings.BASE_URL + reverse("feed_agent", args=[agent.scope, agent.name]),
    }
    return render(request, "embeds/share.html", context)


@require_safe
@redirect_to_lowercase
def social_image(request: HttpRequest, scope: str, name: str) -> HttpResponse:
    """The preview picture, a PNG of 1200 by 630 pixels; refuses like the agent's page."""
    content = preview_content(find_visible_agent(scope, name))
    headers = {
        "Cache-Control": "public, max-age=3600",
        "ETag": f'"{content.digest}"',
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    unchanged_response = unchanged_answer(request, headers)
    if unchanged_response is not None:
        return unchanged_response
    return HttpResponse(load_or_draw(content), content_type="image/png", headers=headers)


@require_safe
@five_minutes
def new_versions_feed(request: HttpRequest) -> HttpResponse:
    items = list_new_versions(available_versions())
    page, path = reverse("browse"), reverse("feed_versions")
    return _feed(_("New versions"), page=page, path=path, items=items)


@require_safe
@five_minutes
def scope_feed(request: HttpRequest, scope: str) -> HttpResponse:
    """New versions of the agents of a scope; refuses a scope without a profile."""
    scope = scope.lower()
    profile = profile_named(scope)
    # By owner as on the page, since a login that has changed and the scope are one person's names.
    items = list_new_versions(available_versions().filter(agent__owner_user=profile.user_id))
    page, path = reverse("person", args=[scope]), reverse("feed_scope", args=[scope])
    return _feed(f"@{scope}", page=page, path=path, items=items)


@require_safe
@five_minutes
def agent_feed(request: HttpRequest, scope: str, name: str) -> HttpResponse:
    """New, yanked and withheld versions of an agent; refuses like its page."""
    agent = find_visible_agent(scope, name)
    items = list_events_of_agent(agent)
    page = reverse("agent", args=[agent.scope, agent.name])
    path = reverse("feed_agent", args=[agent.scope, agent.name])
    title = f"{agent.display_name} ({agent.full_id})"
    return _feed(title, page=page, path=path, items=items)


@require_safe
@five_minutes
def search_feed(request: HttpRequest) -> HttpResponse:
    """The newest results of a search, which is in the query string: a saved search.

    Without fallback, or the feed would change its meaning with the first match.
    """
    form = AgentSearchForm(request.GET)
    newest_first = replace(form.agent_search, sort=RECENT)
    page = search(newest_first, limit=MAX_ITEMS, fallback=False)
    agents = Agent.objects.filter(pk__in=page.ids).order_by("-updated_at", "id")
    items = list_versions_of_agents(agents)
    words = form.values.get("q") or ", ".join(form.tags) or form.query_string.lstrip("?")
    title = _("Search: %(words)s") % {"words": words}
    path = reverse("feed_search") + form.query_string
    return _feed(title, page=form.url(), path=path, items=items)


@require_safe
@five_minutes
def removals_feed(request: HttpRequest) -> HttpResponse:
    title = _("Yanked and withheld versions")
    page, path = reverse("browse"), reverse("feed_yanks")
    return _feed(title, page=page, path=path, items=list_removals())


def _feed(title: str, *, page: str, path: str, items: Sequence[FeedItem]) -> HttpResponse:
    xml = render_feed(title, page=page, path=path, items=items)
    return HttpResponse(xml, content_type=ATOM_CONTENT_TYPE)
