"""Syntax colours of source, by lexers that are tried with hostile text.

Pygments has some 600 lexers. Some never end, many need time quadratic in the text. So only those of
the languages that packages contain are used, and what exceeds the budget stays plain.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

from pygments.lexer import Lexer, inherit
from pygments.lexers import get_lexer_by_name
from pygments.lexers.markup import MarkdownLexer
from pygments.token import Text, _TokenType

from foundation.text.expressions import compile_text

MAX_COLOURED_CHARACTERS = 20_000
"""Longer source gets no colours."""

# Names that authors write for a language → the names of the lexers. tests/foundation/text/
# test_colouring.py times each lexer with texts that are made from its own expressions.
_ALIASES = {
    "bash": "sh shell zsh ksh env dotenv",
    "batch": "bat cmd dosbatch winbatch",
    "c": "h",
    "cpp": "c++ cc hpp cxx",
    "csharp": "cs c# dotnet",
    "css": "",
    "diff": "patch udiff",
    "docker": "dockerfile containerfile",
    "go": "golang",
    "graphql": "gql",
    "haskell": "hs",
    "html": "htm xhtml",
    "ini": "cfg conf",
    "java": "",
    "javascript": "js mjs cjs node jsx",
    "jinja": "jinja2 j2 django twig",
    "json": "jsonc json5 jsonl ndjson json-object",
    "kotlin": "kt kts",
    "lua": "",
    "make": "makefile mk",
    "markdown": "md mdx",
    "nginx": "",
    "perl": "pl",
    "php": "",
    "powershell": "ps1 pwsh posh",
    "properties": "jproperties",
    "protobuf": "proto",
    "pycon": "",
    "python": "py python3 py3",
    "r": "rlang s",
    "rst": "rest restructuredtext",
    "ruby": "rb",
    "rust": "rs",
    "scala": "",
    "scss": "sass less",
    "sql": "mysql postgres postgresql sqlite plpgsql",
    "swift": "",
    "tex": "latex",
    "toml": "",
    "typescript": "ts tsx",
    "xml": "svg rss atom xsd plist",
    "yaml": "yml",
}
_LONG = compile_text(r"\s{50,}|[^\n]{1000,}")
LANGUAGES = {
    alias: name for name, aliases in _ALIASES.items() for alias in (name, *aliases.split())
}

TOKENS_PER_LOOK = 32
"""Tokens between two looks at the budget: a look takes as long as a token."""

Tokens = Iterator[tuple[_TokenType, str]]


@dataclass(slots=True)
class ColourBudget:
    """Processor time that colours may take, for all source of one document."""

    seconds: float = 0.5
    _start: float = field(default_factory=time.thread_time)

    def is_spent(self) -> bool:
        return time.thread_time() - self._start > self.seconds


def is_language(name: str) -> bool:
    return name.lower() in LANGUAGES


def may_colour(source: str, language: str) -> bool:
    return is_language(language) and len(source) <= MAX_COLOURED_CHARACTERS


def lex(source: str, language: str, budget: ColourBudget) -> Tokens:
    """Yields the tokens of a text, joined exactly the text.

    Source of an unknown language, source that is too long, and what is left when the budget ends
    are one plain token.
    """
    if not may_colour(source, language):
        yield Text, source
        return
    # Many lexers need time quadratic or worse in the length of a line or of white space.
    start = 0
    for plain in _LONG.finditer(source):
        yield from _lex_part(source[start : plain.start()], language, budget)
        yield Text, plain[0]
        start = plain.end()
    yield from _lex_part(source[start:], language, budget)


def _lex_part(source: str, language: str, budget: ColourBudget) -> Tokens:
    # The expressions of many lexers expect an end of the last line.
    text, position = source.removesuffix("\n") + "\n", 0
    if not budget.is_spent():
        tokens = _lexer_class(language)().get_tokens_unprocessed(text)
        for number, (start, token_type, part) in enumerate(tokens):
            if start == position and part:
                part = source[position : position + len(part)]
                position += len(part)
                yield token_type, part
            if number % TOKENS_PER_LOOK == 0 and budget.is_spent():
                break
    if position < len(source):
        yield Text, source[position:]


class PlainWordsLexer(MarkdownLexer):
    """The lexer of markdown, which reads words without marks in one step.

    The original tries sixteen expressions at each word. The tokens differ only in that consecutive
    ones of plain text are one.
    """

    tokens = {
        "inline": [
            (r"[A-Za-z0-9.,;:?()'\"/-]+(?: +[A-Za-z0-9.,;:?()'\"/-]+)*(?=\s)", Text),
            inherit,
        ]
    }


@cache
def _lexer_class(language: str) -> type[Lexer]:
    name = LANGUAGES[language.lower()]
    return PlainWordsLexer if name == "markdown" else type(get_lexer_by_name(name))
