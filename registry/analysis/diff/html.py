"""Rows of a comparison as HTML without a word of its own, so that it is the same in every language:
a sign in the margin says what a row is, and the page says what the signs mean."""

from registry.analysis.source_html import marked_html
from registry.analysis.textdiff import FOLDED, Hunk, Row
from registry.analysis.words import Piece

SIGNS = {"=": "", "-": "\N{MINUS SIGN}", "+": "+", "~": "~"}
SPACING = "¶"
CLASSES = {"=": "same", "-": "out", "+": "in", "~": "edit"}


def hunk_html(hunk: Hunk) -> str:
    return "\n".join(_row_html(row) for row in hunk.rows)


def _row_html(row: Row) -> str:
    is_spacing = row.sign == "~" and all(sign == "=" for sign, _ in row.pieces)
    sign = SPACING if is_spacing else SIGNS[row.sign]
    old = _number(row.old, "→" if row.is_moved and row.sign == "+" else "")
    new = _number(row.new, "→" if row.is_moved and row.sign == "-" else "")
    moved = " moved" if row.is_moved else ""
    text = "".join(_piece_html(piece) for piece in row.pieces) + (FOLDED if row.is_cut else "")
    return (
        f'<span class="row {CLASSES[row.sign]}{moved}">{old}{new}'
        f'<span class="sign">{sign}</span><span class="text" dir="auto">{text}</span></span>'
    )


def _number(number: int | None, arrow: str) -> str:
    return f'<span class="n">{arrow}{number or ""}</span>'


def _piece_html(piece: Piece) -> str:
    sign, text = piece
    if sign == "=":
        return f'<span class="left-out">{FOLDED}</span>' if text == FOLDED else marked_html(text)
    tag = "del" if sign == "-" else "ins"
    return f"<{tag}>{marked_html(text)}</{tag}>"
