"""A text as numbered lines that can be linked to, in colours, with what is hidden made visible."""

import html
from collections.abc import Iterator

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import STANDARD_TYPES, Token

from registry.analysis.hidden_text import Hidden, marks_in

SOURCE_VIEW = "1"
"""Goes up when the same text would give other HTML."""

SHOWN_CHARACTERS = 100_000
MOST_COLOURED = 20_000
LONGEST_COLOURED = 2_000
"""Texts of more characters, or with a longer line, are shown plain: some lexers take time in
proportion to the square of a line of nonsense."""

SYNTAXES = {
    **dict.fromkeys(("md", "markdown"), "markdown"),
    **dict.fromkeys(("yaml", "yml"), "yaml"),
    "json": "json",
    "toml": "toml",
    "svg": "xml",
}

Piece = tuple[str, str]  # A class of the colours, or "", and a text.


def syntax_of(path: str) -> str:
    """The name of the colours for a file; "" for plain text."""
    return SYNTAXES.get(path.rpartition(".")[2].lower(), "")


def source_html(text: str, syntax: str = "", *, coloured: bool = True) -> str:
    """The lines of a text, each in an element whose id is `L` and its number."""
    shown = text[:SHOWN_CHARACTERS].removesuffix("\n")
    lines = _lines(shown, syntax if coloured and _can_be_coloured(shown) else "")
    return "\n".join(
        f'<span class="line" id="L{number}"><a href="#L{number}" tabindex="-1">{number}</a>'
        f"<code>{_line_html(pieces)}</code></span>"
        for number, pieces in enumerate(lines, start=1)
    )


def _can_be_coloured(text: str) -> bool:
    is_short = len(text) <= MOST_COLOURED
    return is_short and max(map(len, text.split("\n"))) <= LONGEST_COLOURED


def _lines(text: str, syntax: str) -> Iterator[list[Piece]]:
    if not syntax:
        yield from ([("", line)] for line in text.split("\n"))
        return
    lexer: Lexer = get_lexer_by_name(syntax, stripnl=False, ensurenl=False)
    line: list[Piece] = []
    for kind, value in lexer.get_tokens(text):
        parts = value.split("\n")
        for part in parts[:-1]:
            yield [*line, (_class_of(kind), part)]
            line = []
        line.append((_class_of(kind), parts[-1]))
    yield line


def _class_of(kind: object) -> str:
    while kind not in STANDARD_TYPES and kind is not Token:
        kind = kind.parent  # type: ignore[attr-defined]
    return STANDARD_TYPES.get(kind, "")  # type: ignore[call-overload, no-any-return]


def _line_html(pieces: list[Piece]) -> str:
    line = "".join(text for _, text in pieces)
    if line.isascii() and line.isprintable():
        return "".join(_coloured(kind, html.escape(text)) for kind, text in pieces)
    marks = {at: (kind, character) for at, kind, character in marks_in(line)}
    done, found = 0, []
    for kind, text in pieces:
        found.append(_coloured(kind, _marked(text, marks, done)))
        done += len(text)
    return "".join(found)


def marked_html(text: str) -> str:
    """A text as it stands in a page, with what is hidden in it made visible."""
    if text.isascii() and text.replace("\n", "").replace("\t", "").isprintable():
        return html.escape(text)
    return _marked(text, {at: (kind, sign) for at, kind, sign in marks_in(text)}, 0)


def _coloured(kind: str, escaped: str) -> str:
    return f'<span class="{kind}">{escaped}</span>' if kind and escaped.strip() else escaped


def _marked(text: str, marks: dict[int, tuple[str, str]], start: int) -> str:
    if not any(start <= at < start + len(text) for at in marks):
        return html.escape(text)
    return "".join(
        _mark_html(*marks[at]) if at in marks else html.escape(character)
        for at, character in enumerate(text, start)
    )


def _mark_html(kind: str, character: str) -> str:
    hidden = Hidden(0, kind, character)
    shown = html.escape(character) if kind == "lookalike" else hidden.code
    title = html.escape(f"{hidden.code} {hidden.name}")
    return f'<mark class="{kind}" title="{title}">{shown}</mark>'
