"""Template tags of the studio: rendered markdown, and letters of diffs."""

from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from foundation.text.diff import Row
from foundation.text.markdown import render_markdown

register = template.Library()
MAX_CHARACTERS = 200_000
"""Characters of markdown that one page renders; the rest is shown as its source."""


@register.simple_tag(takes_context=True)
def markdown(context: Any, text: str, prefix: str) -> SafeString:
    """A text of members as published content is rendered: ``{% markdown text id %}``."""
    request = context["request"]
    count = getattr(request, "markdown_characters", 0) + len(text)
    request.markdown_characters = count
    if count > MAX_CHARACTERS:
        return format_html('<pre class="source" tabindex="0">{}</pre>', text)
    return mark_safe(render_markdown(text, id_prefix=f"{prefix}-").html)


@register.simple_tag
def diff_words(row: Row) -> SafeString:
    """The pieces of a line: removed ones in ``del``, added ones in ``ins``."""
    return format_html_join("", "{}", ((_piece(row.sign, *piece),) for piece in row.pieces))


def _piece(row_sign: str, sign: str, text: str) -> SafeString:
    if "-" in (row_sign, sign):
        return format_html("<del>{}</del>", text)
    if "+" in (row_sign, sign):
        return format_html("<ins>{}</ins>", text)
    return format_html("{}", text)
