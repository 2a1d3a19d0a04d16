"""An agent as a card in somebody else's page, and the page that tells how to put it there."""

from collections.abc import Callable
from typing import cast

from csp.decorators import csp_replace, csp_update
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from foundation.web.addresses import redirect_to_lowercase
from registry.agents.detail import heading_of
from registry.agents.queries import find_agent
from registry.embeds.badges import KINDS
from registry.embeds.social_image import picture_address
from registry.models import Agent

THEMES = ("light", "dark")
View = Callable[..., HttpResponse]
# The library's types know views of a request alone.
to_be_framed = cast(
    Callable[[View], View],
    csp_replace({"frame-ancestors": ["*"], "script-src": ["'none'"], "form-action": ["'none'"]}),
)
frames_our_own = cast(Callable[[View], View], csp_update({"frame-src": ["'self'"]}))


@require_safe
@redirect_to_lowercase
@xframe_options_exempt
@to_be_framed
@cache_control(public=True, max_age=300)
def card(request: HttpRequest, scope: str, name: str) -> HttpResponse:
    """The one page that others may frame. It shows nobody who they are and acts on nothing."""
    heading = heading_of(find_agent(scope, name))
    theme = request.GET.get("theme", "")
    context = {"heading": heading, "theme": theme if theme in THEMES else ""}
    return render(request, "outlets/card.html", context)


@require_safe
@redirect_to_lowercase
@frames_our_own
def share(request: HttpRequest, scope: str, name: str) -> HttpResponse:
    """What to copy: badges, the card, the feed."""
    agent = find_agent(scope, name)
    address = [agent.scope, agent.name]
    context = {
        "heading": heading_of(agent),
        "tab": "share",
        "badges": [_badge(agent, kind) for kind in KINDS],
        "card": reverse("card", args=address),
        "card_code": _card_code(agent),
        "feed": settings.BASE_URL + reverse("feed_agent", args=address),
        "picture": picture_address(agent),
    }
    return render(request, "outlets/share.html", context)


def _badge(agent: Agent, kind: str) -> dict[str, str]:
    path = reverse("badge", args=[agent.scope, agent.name, kind])
    page = settings.BASE_URL + reverse("agent", args=[agent.scope, agent.name])
    says = f"{agent.full_id}: {kind}"
    return {
        "path": path,
        "says": says,
        "markdown": f"[![{says}]({settings.BASE_URL}{path})]({page})",
        "html": f'<a href="{page}"><img src="{settings.BASE_URL}{path}" alt="{says}"></a>',
    }


def _card_code(agent: Agent) -> str:
    address = settings.BASE_URL + reverse("card", args=[agent.scope, agent.name])
    title = _("%(name)s, an agent on %(shop)s") % {
        "name": agent.full_id,
        "shop": settings.INSTANCE_NAME,
    }
    return (
        f'<iframe src="{address}" title="{escape(title)}" width="440" height="260"'
        ' loading="lazy" style="border:0"></iframe>'
    )
