"""What changed inside a stretch of prose, word by word, as in a manuscript."""

import re
from collections.abc import Iterator, Sequence
from typing import Literal

from rapidfuzz.distance import Indel

Sign = Literal["=", "-", "+"]
Piece = tuple[Sign, str]

MOST_WORDS = 2_000
"""Of either side, spaces counted: longer stretches are shown as taken out and put in."""
ALIKE = 0.5
"""The share of the shorter stretch's letters that must stay for both to be one that was edited."""

# Scripts that put no spaces between words are compared sign by sign.
_TOKEN = re.compile(
    r"\s+|[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]|[^\W\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]+|."
)


def edited(old: str, new: str) -> tuple[Piece, ...] | None:
    """The new text with what was taken out and put in, unchanged stretches as they stand now; None
    where the two have too little in common. Where only spaces or line breaks differ, one piece."""
    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    if max(len(before), len(after)) > MOST_WORDS:
        return None
    pieces = tuple(_joined(_merged(list(_pieces(before, after)))))
    kept = sum(_letters(text) for sign, text in pieces if sign == "=")
    return pieces if kept >= ALIKE * min(_letters(old), _letters(new)) else None


def _letters(text: str) -> int:
    return sum(not character.isspace() for character in text)


def _pieces(before: Sequence[str], after: Sequence[str]) -> Iterator[Piece]:
    steps = Indel.opcodes([_key(token) for token in before], [_key(token) for token in after])
    for step in steps:
        if step.tag == "equal":
            yield "=", "".join(after[step.dest_start : step.dest_end])
        else:
            yield "-", "".join(before[step.src_start : step.src_end])
            yield "+", "".join(after[step.dest_start : step.dest_end])


def _key(token: str) -> str:
    """A paragraph that was set anew has the same words: one space is as good as another."""
    if not token.isspace():
        return token
    return "\n\n" if token.count("\n") > 1 else " "


def _merged(pieces: list[Piece]) -> Iterator[Piece]:
    """A lone space between two edits belongs to both: people edit phrases, not words."""
    for place, (sign, text) in enumerate(pieces):
        is_between = 0 < place < len(pieces) - 1
        if sign == "=" and text.isspace() and "\n" not in text and is_between:
            yield "-", text
            yield "+", text
        elif text:
            yield sign, text


def _joined(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """What stands together as one piece, what was taken out before what was put in."""
    out, into = "", ""
    same = ""
    for sign, text in pieces:
        if sign == "=":
            yield from _said(out, into)
            out, into, same = "", "", same + text
            continue
        if same:
            yield "=", same
            same = ""
        out, into = (out + text, into) if sign == "-" else (out, into + text)
    if same:
        yield "=", same
    yield from _said(out, into)


def _said(out: str, into: str) -> Iterator[Piece]:
    if out:
        yield "-", out
    if into:
        yield "+", into
