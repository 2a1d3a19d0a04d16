"""Template tags of the search."""

from collections.abc import Sequence

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from registry.search.forms import SearchLink

register = template.Library()

CURRENT = mark_safe(' aria-current="true"')


@register.simple_tag
def facet_links(kind: str, choices: Sequence[SearchLink]) -> SafeString:
    """The links of a facet as items of a list, without those that find nothing.

    Joined in Python: a page has fifty, and they would take a template a third of its time. The ids
    let a link keep the focus when htmx replaces it.
    """
    item = '<li><a href="{}" id="{}-{}" rel="nofollow"{}><span>{}</span>{}</a></li>'
    return format_html_join(
        "\n",
        item,
        (
            (
                choice.url,
                kind,
                choice.slug,
                CURRENT if choice.is_chosen else "",
                choice.name,
                _count(choice.count),
            )
            for choice in choices
            if choice.is_offered
        ),
    )


def _count(number: int | None) -> str:
    return "" if number is None else format_html(' <span class="count">{}</span>', f"{number:,}")
