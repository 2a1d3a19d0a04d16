"""Word-level diff of prose."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Literal

from rapidfuzz.distance import Indel

PieceSign = Literal["=", "-", "+"]
Piece = tuple[PieceSign, str]
"""An unchanged, deleted or inserted stretch of text."""

MAX_TOKENS = 2_000
"""Tokens of either text, spaces included. Longer texts are not compared."""
MIN_SIMILARITY = 0.5
"""Share of the shorter text's characters that must be unchanged."""


def diff_words(old: str, new: str) -> tuple[Piece, ...] | None:
    """Return the edited text as pieces; None if the texts have too little in common.

    Differences in spaces and line breaks alone are ignored: the result is then one piece.
    """
    old_tokens, new_tokens = _split_tokens(old), _split_tokens(new)
    if max(len(old_tokens), len(new_tokens)) > MAX_TOKENS:
        return None
    pieces = tuple(_join(_absorb_spaces(list(_align(old_tokens, new_tokens)))))
    unchanged_length = sum(_visible_length(text) for sign, text in pieces if sign == "=")
    shorter = min(_visible_length(old), _visible_length(new))
    return pieces if unchanged_length >= MIN_SIMILARITY * shorter else None


def _split_tokens(text: str) -> list[str]:
    """Returns spaces, words and single characters; joined they are the text."""
    tokens: list[str] = []
    for kind, characters in groupby(text, _token_kind):
        if kind == "single":
            tokens += characters
        else:
            tokens.append("".join(characters))
    return tokens


def _token_kind(character: str) -> str:
    if character.isspace():
        return "space"
    # Scripts without spaces between words are compared character by character.
    is_unspaced = "\u0e00" <= character <= "\u0eff" or "\u3040" <= character <= "\u9fff"
    return "word" if (character.isalnum() or character == "_") and not is_unspaced else "single"


def _visible_length(text: str) -> int:
    return sum(not character.isspace() for character in text)


def _align(old: Sequence[str], new: Sequence[str]) -> Iterator[Piece]:
    for step in Indel.opcodes([_key(token) for token in old], [_key(token) for token in new]):
        if step.tag == "equal":
            yield "=", "".join(new[step.dest_start : step.dest_end])
        else:
            yield "-", "".join(old[step.src_start : step.src_end])
            yield "+", "".join(new[step.dest_start : step.dest_end])


def _key(token: str) -> str:
    # A rewrapped paragraph has the same words: all spaces within a paragraph are equal.
    if not token.isspace():
        return token
    return "\n\n" if token.count("\n") > 1 else " "


def _absorb_spaces(pieces: list[Piece]) -> Iterator[Piece]:
    """Make a single space between two edits part of both, because people edit phrases."""
    for index, (sign, text) in enumerate(pieces):
        is_between = 0 < index < len(pieces) - 1
        if sign == "=" and text.isspace() and "\n" not in text and is_between:
            yield "-", text
            yield "+", text
        elif text:
            yield sign, text


def _join(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """Merge adjacent pieces of the same sign; deletions come before insertions."""
    texts: dict[PieceSign, str] = {"=": "", "-": "", "+": ""}
    for sign, text in pieces:
        if sign == "=":
            yield from _flush(texts, "-", "+")
        else:
            yield from _flush(texts, "=")
        texts[sign] += text
    yield from _flush(texts, "=", "-", "+")


def _flush(texts: dict[PieceSign, str], *signs: PieceSign) -> Iterator[Piece]:
    for sign in signs:
        if texts[sign]:
            yield sign, texts[sign]
            texts[sign] = ""
