"""The file patterns of a manifest, with the same meaning as in the client.

Within one part of a path: `*`, `?`, `[a-z]` and `{a,b}`. `**` stands for any number of folders.
A part that begins with a dot is matched only by a pattern part that begins with a dot. There is no
negation.
"""

import fnmatch
import re
from collections.abc import Callable, Sequence
from itertools import islice

from registry.package.checks.paths import strip_dot_slash

MAX_EXPANSIONS = 1_000
_BRACES = re.compile(r"\{([^{}]*,[^{}]*)\}")
_NOTHING = re.compile(r"(?!)")

PatternParts = Sequence[re.Pattern[str] | None]
"""One expression for each part of a path; None stands for `**`."""


def compile_globs(patterns: Sequence[str]) -> Callable[[str], bool]:
    """Returns a function that tells whether a path matches one of the patterns."""
    # Braces multiply: "{a,b}" sixty times has 2^60 expansions, so only the first ones are used.
    compiled = [
        _compile_parts(expansion)
        for pattern in patterns
        for expansion in islice(_expand_braces(pattern), MAX_EXPANSIONS)
    ]
    return lambda path: any(_matches(parts, path.split("/")) for parts in compiled)


def _expand_braces(pattern: str) -> list[str]:
    """Returns the pattern once for each choice in its braces, innermost braces first."""
    expansions = [pattern]
    while (braces := _BRACES.search(expansions[0])) and len(expansions) < MAX_EXPANSIONS:
        choices = braces[1].split(",")
        expansions = [
            text.replace(braces[0], choice, 1) for text in expansions for choice in choices
        ]
    return expansions


def _compile_parts(pattern: str) -> PatternParts:
    parts: list[re.Pattern[str] | None] = []
    for part in strip_dot_slash(pattern).split("/"):
        not_hidden = "" if part.startswith(".") else r"(?!\.)"
        expression = re.compile(not_hidden + fnmatch.translate(part), re.DOTALL)
        parts.append(None if part == "**" else expression)
    return parts


def _matches(pattern: PatternParts, path: Sequence[str]) -> bool:
    """Matches part by part, with all positions in the pattern that are possible.

    The number of positions is bounded, so a hostile pattern cannot cause backtracking.
    """
    positions = _skip_stars(pattern, {0})
    for name in path:
        next_positions = set()
        for position in positions:
            part = pattern[position] if position < len(pattern) else _NOTHING
            if part is None and not name.startswith("."):
                next_positions.add(position)
            if part is not None and part.match(name):
                next_positions.add(position + 1)
        positions = _skip_stars(pattern, next_positions)
    return len(pattern) in positions


def _skip_stars(pattern: PatternParts, positions: set[int]) -> set[int]:
    """Adds the positions after each `**`, which may stand for no folder at all."""
    reachable = set(positions)
    for position in sorted(positions):
        while position < len(pattern) and pattern[position] is None:
            position += 1
            reachable.add(position)
    return reachable
