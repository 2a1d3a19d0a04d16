"""Render a text as HTML: numbered lines, colours, hidden characters made visible."""

import html
from collections.abc import Iterator

from pygments.token import STANDARD_TYPES, Token

from foundation.text.colouring import MAX_COLOURED_CHARACTERS, ColourBudget, lex
from registry.analysis.hidden_text import HiddenMatch, find_hidden_in_line

SOURCE_HTML_VERSION = "4"
"""Increase when the same text would give other HTML: stored pages are then made again."""

MAX_CHARACTERS = 100_000
# Longer texts, and texts with a longer line, get no colours: some lexers need time quadratic in
# the length of a line.
MAX_COLOURED_LINE_LENGTH = 2_000

StyledText = tuple[str, str]
"""CSS class of the syntax colours ("" for none) and text."""
Marks = dict[int, tuple[str, str]]
"""Hidden characters of a line: by position, the kind and the character."""


def render_source(text: str, syntax: str = "", *, is_coloured: bool = True) -> str:
    """The first ``MAX_CHARACTERS`` as HTML lines with the ids L1, L2, …"""
    text = text[:MAX_CHARACTERS].removesuffix("\n")
    may_colour = (
        is_coloured
        and len(text) <= MAX_COLOURED_CHARACTERS
        and max(map(len, text.split("\n"))) <= MAX_COLOURED_LINE_LENGTH
    )
    lines = _lex(text, syntax if may_colour else "")
    return "\n".join(
        f'<span class="line" id="L{number}"><a href="#L{number}" tabindex="-1">{number}</a>'
        f"<code>{_line_html(line)}</code></span>"
        for number, line in enumerate(lines, start=1)
    )


def render_marked(text: str) -> str:
    """A text as escaped HTML in which hidden characters are visible."""
    if text.isascii() and text.replace("\n", "").replace("\t", "").isprintable():
        return html.escape(text)
    return _escape_and_mark(text, _marks(text), 0)


def display_length(text: str) -> int:
    """Length of the text as HTML, where a hidden character becomes its code."""
    return len(text) if text.isascii() else len(render_marked(text))


def _lex(text: str, syntax: str) -> Iterator[list[StyledText]]:
    if not syntax:
        yield from ([("", line)] for line in text.split("\n"))
        return
    line: list[StyledText] = []
    for token_type, value in lex(text, syntax, ColourBudget()):
        # A token may go over several lines, but HTML elements must close within one.
        *full_lines, last_line = value.split("\n")
        for part in full_lines:
            yield [*line, (_css_class(token_type), part)]
            line = []
        line.append((_css_class(token_type), last_line))
    yield line


def _css_class(token_type: object) -> str:
    # Lexers define token types of their own; the closest standard type has a CSS class.
    while token_type not in STANDARD_TYPES and token_type is not Token:
        token_type = token_type.parent  # type: ignore[attr-defined]
    return STANDARD_TYPES.get(token_type, "")  # type: ignore[call-overload, no-any-return]


def _line_html(line: list[StyledText]) -> str:
    content = "".join(text for _, text in line)
    marks = {} if content.isascii() and content.isprintable() else _marks(content)
    pieces = []
    offset = 0
    for css_class, text in line:
        html = _escape_and_mark(text, marks, offset)
        is_styled = css_class and html.strip()
        pieces.append(f'<span class="{css_class}">{html}</span>' if is_styled else html)
        offset += len(text)
    return "".join(pieces)


def _marks(line: str) -> Marks:
    return {offset: (kind, character) for offset, kind, character in find_hidden_in_line(line)}


def _escape_and_mark(text: str, marks: Marks, start: int) -> str:
    """HTML of a piece that begins at ``start`` of the line."""
    if not any(start <= offset < start + len(text) for offset in marks):
        return html.escape(text)
    return "".join(
        _mark_html(*marks[offset]) if offset in marks else html.escape(character)
        for offset, character in enumerate(text, start)
    )


def _mark_html(kind: str, character: str) -> str:
    match = HiddenMatch(0, kind, character)
    # A lookalike is visible already; the two other kinds are replaced by their code point.
    label = html.escape(character) if kind == "lookalike" else match.code
    title = html.escape(f"{match.code} {match.name}")
    return f'<mark class="{kind}" title="{title}">{label}</mark>'
