"""Template tags of the search."""

from collections.abc import Sequence
from html import escape

from django import template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from registry.search.forms import SearchLink
from registry.search.results import FoundRow, Match
from registry.templatetags.rows import agent_rows

register = template.Library()

CURRENT = mark_safe(' aria-current="true"')


ITEM = '<li><a href="{}" id="{}-{}" rel="nofollow"{}><span>{}</span>{}</a></li>'
COUNT = ' <span class="count">{:,}</span>'


@register.simple_tag
def facet_links(kind: str, choices: Sequence[SearchLink]) -> SafeString:
    """The links of a facet as items of a list, without those that find nothing.

    Joined in Python: a page has fifty, and they would take a template a third of its time. The ids
    let a link keep the focus when htmx replaces it.
    """
    return mark_safe("\n".join(_item(kind, choice) for choice in choices if choice.is_offered))


PICK = (
    '<label class="row-pick"><input type="checkbox" name="id" value="{0}" form="tray" '
    'data-name="{1}">{2} <span class="hidden-words">{1}</span></label>'
)
NOTE = '<p class="row-note" dir="auto">{}</p>'
# A longer list says nothing more.
MAX_MISSING = 4


@register.simple_tag
def found_items(agents: Sequence[FoundRow]) -> SafeString:
    """Items of a list of results: row, box to compare, and how it fits."""
    rows = agent_rows([agent.row for agent in agents])
    items = zip(rows, agents, strict=True)
    return mark_safe(
        "\n".join(f"<li>{row}{_pick(agent)}{_note(agent.match)}</li>" for row, agent in items)
    )


def _pick(agent: FoundRow) -> str:
    name = escape(agent.row.display_name)
    return PICK.format(escape(agent.row.full_id), name, escape(_("Compare")))


def _note(match: Match | None) -> str:
    if match is None or match.kind == "exact":
        return ""
    if match.kind == "meaning":
        return NOTE.format(escape(_("Found by meaning")))
    if not match.missing_words:
        return ""
    words = ", ".join(f"“{escape(word)}”" for word in match.missing_words[:MAX_MISSING])
    return NOTE.format(escape(_("Without %(words)s")) % {"words": words})


CATEGORY_ICONS = {
    *("briefcase", "code", "heart", "book", "dollar-sign", "message-circle", "play", "pencil"),
    *("search", "chart-column", "headset", "box"),
}
ICONS = {"dollar": "dollar-sign", "chat": "message-circle", "chart": "chart-column"}


@register.simple_tag
def category_icon(name: str) -> str:
    """The name of a category's icon in lucide; a box for one that is not there."""
    icon = ICONS.get(name, name)
    return icon if icon in CATEGORY_ICONS else "box"


def _item(kind: str, choice: SearchLink) -> str:
    # `format_html` takes three times as long, because it looks at each argument for lazy texts.
    url, kind, slug, name = (
        escape(str(text)) for text in (choice.url, kind, choice.slug, choice.name)
    )
    current = CURRENT if choice.is_chosen else ""
    count = "" if choice.count is None else COUNT.format(choice.count)
    return ITEM.format(url, kind, slug, current, name, count)
