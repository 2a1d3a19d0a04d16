"""Template tags of the studio: the words of differences."""

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from clawstore.studio.addresses import content_address
from foundation.text.diff import Row

register = template.Library()


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


@register.simple_tag
def old_words(row: Row) -> SafeString:
    """The pieces of a line as it was before, removed ones in ``del``."""
    return _side(row, "-", "<del>{}</del>")


@register.simple_tag
def new_words(row: Row) -> SafeString:
    """The pieces of a line as it is afterwards, added ones in ``ins``."""
    return _side(row, "+", "<ins>{}</ins>")


def _side(row: Row, changed_sign: str, markup: str) -> SafeString:
    pieces = (
        (format_html(markup, text) if sign == changed_sign else text,)
        for sign, text in row.pieces
        if sign in ("=", changed_sign)
    )
    return format_html_join("", "{}", pieces)


@register.simple_tag
def asset_address(domain: object, asset_id: object) -> str:
    """The path of an asset's bytes."""
    return content_address(domain, asset_id)
