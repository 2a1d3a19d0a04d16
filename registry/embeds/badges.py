"""Badges: one fact of an agent as a small picture, for a README elsewhere."""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from registry.agents.queries import find_agent
from registry.models import Agent

# How wide letters of 11 px are, on average and with room: the picture tells the browser the exact
# width of each text, so that it fits whatever face is there.
LETTER, PADDING = 6.4, 8
LONGEST = 40
KINDS = ("version", "downloads", "rating")


@dataclass(frozen=True, slots=True)
class Badge:
    """A name and a value, and the room that each takes, in CSS pixels."""

    name: str
    value: str

    @property
    def name_text(self) -> int:
        return round(len(self.name) * LETTER)

    @property
    def value_text(self) -> int:
        return round(len(self.value) * LETTER)

    @property
    def name_width(self) -> int:
        return self.name_text + 2 * PADDING

    @property
    def value_at(self) -> int:
        return self.name_width + PADDING

    @property
    def width(self) -> int:
        return self.name_width + self.value_text + 2 * PADDING

    @property
    def inner_width(self) -> float:
        return self.width - 1.5


@require_safe
@cache_control(public=True, max_age=300)
def badge(request: HttpRequest, scope: str, name: str, kind: str) -> HttpResponse:
    """The badge ``version``, ``downloads`` or ``rating``; refuses like the agent's page."""
    if kind not in KINDS:
        raise Http404
    agent = find_agent(scope, name)
    context = {"badge": badge_of(agent, kind), "agent": agent, "padding": PADDING}
    answer = render(request, "outlets/badge.svg", context, content_type="image/svg+xml")
    # A picture in other people's pages; opened by itself it can load and run nothing.
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer


def badge_of(agent: Agent, kind: str) -> Badge:
    """What a badge of this kind (one of KINDS) says of an agent."""
    values: dict[str, Callable[[Agent], Badge]] = {
        "version": _version,
        "downloads": _downloads,
        "rating": _rating,
    }
    return values[kind](agent)


def _version(agent: Agent) -> Badge:
    latest = agent.latest_version
    number = latest.version if latest else _("none")
    short = number if len(number) <= LONGEST else f"{number[: LONGEST - 1]}…"
    return Badge(_("version"), short)


def _downloads(agent: Agent) -> Badge:
    return Badge(_("downloads"), _("%(count)s in 30 days") % {"count": f"{agent.downloads_30d:,}"})


def _rating(agent: Agent) -> Badge:
    if not agent.review_count or agent.avg_rating is None:
        return Badge(_("rating"), _("no reviews"))
    count = ngettext("%(n)s review", "%(n)s reviews", agent.review_count)
    said = count % {"n": f"{agent.review_count:,}"}
    return Badge(_("rating"), f"{agent.avg_rating:.1f} ★ · {said}")
