"""The HTML door to a comparison. All of it is in the address, so that it can be handed on."""

from collections.abc import Iterable
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from foundation.refusals import Refusal
from registry.compare.queries import FEWEST, MOST, beside, put_side_by_side
from registry.models import Agent

NAMES = {
    "managed": _("Writes, and replaces at every update"),
    "yours": _("Writes once, then yours"),
    "prompt": _("Always in the prompt, tokens"),
    "secrets": _("Secrets it asks for"),
    "plugins": _("Plugins"),
    "skills": _("Skills"),
    "hosts": _("Hosts its files name"),
    "heartbeat": _("Acts on a heartbeat"),
    "boot": _("Acts when the host starts"),
    "model": _("Model"),
    "providers": _("Any provider of"),
    "license": _("Licence"),
    "channel": _("Channel"),
}


@require_safe
def compare_agents(request: HttpRequest) -> HttpResponse:
    """``?id=@a/b&id=@c/d``: side by side; with fewer than two ids, the form that asks for them."""
    ids = [full_id.strip() for full_id in request.GET.getlist("id") if full_id.strip()][:MOST]
    comparison, refusal = None, None
    if len(ids) >= FEWEST:
        try:
            comparison = put_side_by_side(ids)
        except Refusal as no:
            refusal = no
    context = {
        "comparison": comparison,
        "lines": [(NAMES[line.key], line) for line in comparison.lines] if comparison else [],
        "refusal": refusal,
        "fields": [*ids, *[""] * (MOST - len(ids))],
        "others": [] if comparison else _others(ids),
        "ids": ids,
        "address": _address(column.agent.full_id for column in comparison.columns)
        if comparison
        else reverse("compare"),
    }
    status = refusal.status if refusal else 200
    return render(request, "registry/side_by_side.html", context, status=status)


def _others(ids: list[str]) -> list[tuple[Agent, str]]:
    """Agents to add, each with the address of the comparison that includes it."""
    return [(agent, _address([*ids, agent.full_id])) for agent in beside(ids)]


def _address(ids: Iterable[str]) -> str:
    return f"{reverse('compare')}?{'&'.join(f'id={quote(full_id)}' for full_id in ids)}"
