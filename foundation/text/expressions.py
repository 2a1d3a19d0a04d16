"""Regular expressions whose time is linear in the text, for text from strangers.

Python's `re` backtracks: a text of a few kilobytes can keep it busy for hours, and it holds the
interpreter's lock meanwhile. RE2 has no such texts. `scripts/style.py` lets only the modules in
its list import `re` (ADR 21).

RE2 differs from `re`: no lookaround and no backreference; `\\d`, `\\w`, `\\s` and `\\b` mean ASCII;
`$` means the end of the text only; a repetition goes up to 1,000. A text with a lone surrogate
raises UnicodeEncodeError: decode with "replace" first.
"""

from re import Match, Pattern
from typing import cast

import re2

__all__ = ["Match", "Pattern", "compile_bytes", "compile_text"]


def compile_text(pattern: str, *, ignore_case: bool = False) -> Pattern[str]:
    """Returns an expression for texts, with the methods of an expression of `re`."""
    return cast(Pattern[str], re2.compile(pattern, _options(ignore_case)))


def compile_bytes(pattern: bytes, *, ignore_case: bool = False) -> Pattern[bytes]:
    """Returns an expression for bytes, each of which is a character."""
    options = _options(ignore_case)
    options.encoding = re2.Options.Encoding.LATIN1
    return cast(Pattern[bytes], re2.compile(pattern, options))


def _options(ignore_case: bool) -> re2.Options:
    options = re2.Options()
    options.case_sensitive = not ignore_case
    options.log_errors = False
    return options
