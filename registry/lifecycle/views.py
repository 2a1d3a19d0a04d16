"""The page on which publishers deprecate and archive their agents."""

from collections.abc import Callable

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from foundation.limits.middleware import limited
from foundation.refusals import Refusal
from foundation.web.forms import form_page
from foundation.web.requests import Request
from registry.agents.queries import find_agent
from registry.lifecycle.actions import (
    archive_agent,
    deprecate_agent,
    deprecate_version,
    unarchive_agent,
    undeprecate_agent,
    undeprecate_version,
)
from registry.lifecycle.forms import DeprecationForm
from registry.models import Agent
from registry.rules.co_maintainers import is_of

MAX_NUMBERS = 200
"""Versions to choose from; the API deprecates older ones."""

SWITCHES: dict[str, Callable[..., object]] = {
    "archive": archive_agent,
    "unarchive": unarchive_agent,
    "undeprecate": undeprecate_agent,
}


def find_own_agent(request: Request, scope: str, name: str) -> Agent:
    """Return an agent that the user publishes. Raises Http404."""
    agent = find_agent(scope, name)
    if not is_of(agent, request.actor.user_id):
        raise Http404
    return agent


@never_cache
@login_required
@limited("lifecycle")
@require_http_methods(["GET", "HEAD", "POST"])
def lifecycle(request: Request, scope: str, name: str) -> HttpResponse:
    """Show what is deprecated and archived; a POST deprecates an agent or a version."""
    agent = find_own_agent(request, scope, name)
    numbers = list(agent.versions.newest_first().values_list("version", flat=True)[:MAX_NUMBERS])
    form = DeprecationForm(request.POST if request.method == "POST" else None, numbers=numbers)
    refusal: Refusal | None = None
    if request.method == "POST" and form.is_valid():
        try:
            _deprecate(agent, form.cleaned_data, request)
        except Refusal as error:
            refusal = error
        else:
            return redirect("lifecycle", agent.scope, agent.name)
    context = {"agent": agent, "form": form, "refusal": refusal}
    return form_page(request, "author/lifecycle.html", context, refusal)


def _deprecate(agent: Agent, values: dict[str, str], request: Request) -> None:
    reason, by = values["reason"], request.actor
    if number := values["version"]:
        deprecate_version(agent, number, reason=reason, by=by)
    else:
        deprecate_agent(agent, reason=reason, successor=values["successor"], by=by)


@login_required
@limited("lifecycle")
@require_POST
def switch(request: Request, scope: str, name: str, change: str) -> HttpResponse:
    """Archive an agent or end that; end a deprecation. A second click changes nothing."""
    agent = find_own_agent(request, scope, name)
    if change not in SWITCHES:
        raise Http404
    number = request.POST.get("version", "")
    if number and change == "undeprecate":
        undeprecate_version(agent, number, by=request.actor)
    else:
        SWITCHES[change](agent, by=request.actor)
    return redirect("lifecycle", agent.scope, agent.name)
