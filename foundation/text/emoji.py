"""Shortcodes of emoji, such as `:rocket:`, as GitHub shows them."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from foundation.text.expressions import compile_text

NAMES = Path(__file__).with_name("emoji_names.txt")
_SHORTCODE = compile_text(r":([a-z0-9_+-]{1,40}):")


@cache
def load_emoji() -> dict[str, str]:
    """Returns the emoji by name, from the list of gemoji (MIT licence)."""
    lines = NAMES.read_text(encoding="utf-8").splitlines()
    return dict(line.split(" ", 1) for line in lines if not line.startswith("#"))


def show_emoji(state: StateCore) -> None:
    """Replaces the shortcodes in a text outside code by their emoji."""
    for token in state.tokens:
        if token.type == "inline" and token.children and token.content.count(":") > 1:
            token.children = [part for child in token.children for part in _split(child)]


def _split(part: Token) -> Iterator[Token]:
    if part.type != "text" or part.meta or part.content.count(":") < 2:
        yield part
        return
    text, position = part.content, 0
    match = _SHORTCODE.search(text)
    while match:
        # Not within numbers and words, such as 10:100:20.
        before, after = (
            text[max(position, match.start() - 1) : match.start()],
            text[match.end() : match.end() + 1],
        )
        is_word = before.isalnum() or after.isalnum()
        emoji = "" if is_word else load_emoji().get(match[1], "")
        if emoji:
            if match.start() > position:
                yield Token("text", "", 0, content=text[position : match.start()])
            # The name counts as seen, because the picture says the same.
            meta = {"written": match[0], "credit": match[1]}
            yield Token("emoji", "", 0, content=emoji, meta=meta)
            position = match.end()
        # The second colon may begin the next name.
        match = _SHORTCODE.search(text, match.end() if emoji else match.end() - 1)
    if position < len(text):
        yield Token("text", "", 0, content=text[position:])
