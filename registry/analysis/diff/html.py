"""Render the rows of a text diff as HTML.

The HTML has no words, so it is the same in every language: a sign in the margin tells what a row
is, and the page explains the signs.
"""

from foundation.text.diff import ELLIPSIS, Hunk, Row
from foundation.text.words import Piece
from registry.analysis.source_html import render_marked

SIGNS = {"=": "", "-": "\N{MINUS SIGN}", "+": "+", "~": "~"}
SPACING_SIGN = "¶"
CSS_CLASSES = {"=": "same", "-": "out", "+": "in", "~": "edit"}


def render_hunk(hunk: Hunk) -> str:
    return "\n".join(_row_html(row) for row in hunk.rows)


def _row_html(row: Row) -> str:
    is_spacing = row.sign == "~" and all(sign == "=" for sign, _ in row.pieces)
    sign = SPACING_SIGN if is_spacing else SIGNS[row.sign]
    # The number of the other side gets an arrow: that is where a moved row comes from or goes to.
    old_arrow = "→" if row.is_moved and row.sign == "+" else ""
    new_arrow = "→" if row.is_moved and row.sign == "-" else ""
    moved_class = " moved" if row.is_moved else ""
    text = "".join(_piece_html(piece) for piece in row.pieces) + (ELLIPSIS if row.is_cut else "")
    return (
        f'<span class="row {CSS_CLASSES[row.sign]}{moved_class}">'
        f'<span class="n">{old_arrow}{row.old or ""}</span>'
        f'<span class="n">{new_arrow}{row.new or ""}</span>'
        f'<span class="sign">{sign}</span><span class="text" dir="auto">{text}</span></span>'
    )


def _piece_html(piece: Piece) -> str:
    sign, text = piece
    if sign == "=":
        return (
            f'<span class="left-out">{ELLIPSIS}</span>' if text == ELLIPSIS else render_marked(text)
        )
    tag = "del" if sign == "-" else "ins"
    return f"<{tag}>{render_marked(text)}</{tag}>"
