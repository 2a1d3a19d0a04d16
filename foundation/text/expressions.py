"""Regular expressions whose time is linear in the text, for text from strangers.

Python's `re` backtracks: a text of a few kilobytes can keep it busy for hours, and it holds the
interpreter's lock meanwhile. RE2 has no such texts. `scripts/style.py` lets only the modules in
its list import `re` (ADR 21).

RE2 differs from `re`: no lookaround and no backreference; `\\d`, `\\w`, `\\s` and `\\b` mean ASCII;
`$` means the end of the text only; a repetition goes up to 1,000. A text with a lone surrogate
raises UnicodeEncodeError: decode with "replace" first.
"""

from collections.abc import Iterable
from re import Match, Pattern
from typing import cast

import re2

__all__ = ["ExpressionSet", "Match", "Pattern", "compile_bytes", "compile_text"]


def compile_text(pattern: str, *, ignore_case: bool = False) -> Pattern[str]:
    """Returns an expression for texts, with the methods of an expression of `re`."""
    return cast(Pattern[str], re2.compile(pattern, _options(ignore_case)))


def compile_bytes(pattern: bytes, *, ignore_case: bool = False) -> Pattern[bytes]:
    """Returns an expression for bytes, each of which is a character."""
    options = _options(ignore_case)
    options.encoding = re2.Options.Encoding.LATIN1
    return cast(Pattern[bytes], re2.compile(pattern, options))


class ExpressionSet:
    """Finds which of many expressions for bytes match, in one pass."""

    def __init__(self, patterns: Iterable[bytes]) -> None:
        options = _options(ignore_case=False)
        options.encoding = re2.Options.Encoding.LATIN1
        self._set = re2.Set.MatchSet(options)
        for pattern in patterns:
            self._set.Add(pattern)
        self._set.Compile()

    def matching(self, text: bytes) -> list[int]:
        """Returns the indexes of the expressions that match at the start of the text."""
        return sorted(self._set.Match(text))


def _options(ignore_case: bool) -> re2.Options:
    options = re2.Options()
    options.case_sensitive = not ignore_case
    options.log_errors = False
    return options
