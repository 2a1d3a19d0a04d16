"""HTML and Markdown that authors copy into their own sites."""

from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils.html import escape
from django.utils.translation import gettext as _

from registry.embeds.badges import BADGE_KINDS
from registry.models import Agent


@dataclass(frozen=True, slots=True)
class BadgeSnippet:
    """``path`` is the image here; ``markdown`` and ``html`` are for other sites."""

    path: str
    label: str
    markdown: str
    html: str


def badge_snippets(agent: Agent) -> list[BadgeSnippet]:
    page = settings.BASE_URL + reverse("agent", args=[agent.scope, agent.name])
    snippets = []
    for kind in BADGE_KINDS:
        path = reverse("badge", args=[agent.scope, agent.name, kind])
        image = settings.BASE_URL + path
        label = f"{agent.full_id}: {kind}"
        snippets.append(
            BadgeSnippet(
                path=path,
                label=label,
                markdown=f"[![{label}]({image})]({page})",
                html=f'<a href="{page}"><img src="{image}" alt="{label}"></a>',
            )
        )
    return snippets


def card_snippet(agent: Agent) -> str:
    url = settings.BASE_URL + reverse("card", args=[agent.scope, agent.name])
    title = _("%(name)s, an agent on %(shop)s") % {
        "name": agent.full_id,
        "shop": settings.INSTANCE_NAME,
    }
    return (
        f'<iframe src="{url}" title="{escape(title)}" width="440" height="260"'
        ' loading="lazy" style="border:0"></iframe>'
    )
