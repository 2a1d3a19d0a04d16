"""HTML page that compares agents. Its URL is its only state, so it can be shared."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from foundation.refusals import Refusal
from foundation.web.page_cache import cached_page
from registry.agents.revisions import agent_revision, site_revisions
from registry.compare import queries
from registry.compare.queries import MAX_AGENTS, MIN_AGENTS, suggest_agents
from registry.rules.identifiers import scope_and_name

FACT_NAMES = {
    "managed": _("Written, and replaced at every update"),
    "yours": _("Written once, then yours"),
    "prompt": _("Always in the prompt (tokens)"),
    "secrets": _("Secrets it asks for"),
    "plugins": _("Plugins"),
    "skills": _("Skills"),
    "hosts": _("Hosts mentioned in files"),
    "heartbeat": _("Runs on a heartbeat"),
    "boot": _("Runs when the host starts"),
    "model": _("Model"),
    "providers": _("Works with"),
    "license": _("Licence"),
    "channel": _("Channel"),
}


def comparison_revision(request: HttpRequest) -> object:
    """The revision of the compared agents, or of those that the form suggests."""
    ids = _requested_ids(request)
    if len(ids) < MIN_AGENTS:
        suggestions = [(str(agent.pk), agent.revision) for agent in suggest_agents(ids).agents]
        return site_revisions().site, suggestions
    revisions = [agent_revision(request, *scope_and_name(full_id.lower())) for full_id in ids]
    return None if None in revisions else revisions


@require_safe
@cached_page(revision=comparison_revision)
def compare_agents(request: HttpRequest) -> HttpResponse:
    """``?id=@a/b&id=@c/d``: the comparison, or a form if there are fewer than two ids."""
    ids = _requested_ids(request)
    comparison, refusal = None, None
    if len(ids) >= MIN_AGENTS:
        try:
            comparison = queries.compare_agents(ids)
        except Refusal as error:
            refusal = error
    context: dict[str, Any] = {
        "comparison": comparison,
        "refusal": refusal,
        "fields": [*ids, *[""] * (MAX_AGENTS - len(ids))],
        "ids": ids,
        "has_too_many": len(request.GET.getlist("id")) > MAX_AGENTS,
        "address": reverse("compare"),
    }
    if comparison:
        context["rows"] = [(FACT_NAMES[row.key], row) for row in comparison.rows]
        # The ids as they are registered, so that every spelling has the same canonical URL.
        context["address"] = _comparison_url([c.agent.full_id for c in comparison.agents])
    else:
        suggestions = suggest_agents(ids)
        context["is_category"] = suggestions.is_category
        context["suggestions"] = [
            (agent, _comparison_url([*ids, agent.full_id])) for agent in suggestions.agents
        ]
    status = refusal.status if refusal else 200
    return render(request, "registry/compare.html", context, status=status)


def _requested_ids(request: HttpRequest) -> list[str]:
    ids = [full_id.strip() for full_id in request.GET.getlist("id") if full_id.strip()]
    return ids[:MAX_AGENTS]


def _comparison_url(ids: Iterable[str]) -> str:
    return f"{reverse('compare')}?{'&'.join(f'id={quote(full_id)}' for full_id in ids)}"
