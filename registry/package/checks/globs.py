"""The patterns in a manifest's `files`, as the client's packer understands them.

`*`, `?`, `[a-z]` and `{a,b}` within one part of a path, `**` for any number of folders. A part that
begins with a dot is only matched by a pattern part that begins with one. There is no negation.
"""

import fnmatch
import re
from collections.abc import Callable, Sequence
from itertools import islice

from registry.package.checks.paths import without_dot_slash

MAX_EXPANSIONS = 1_000
_BRACES = re.compile(r"\{([^{}]*,[^{}]*)\}")


def matcher(patterns: Sequence[str]) -> Callable[[str], bool]:
    """A question to ask of a relative path: does one of the patterns choose it?"""
    wanted = [
        _parts(plain)
        for pattern in patterns
        for plain in islice(_expanded(pattern), MAX_EXPANSIONS)
    ]
    return lambda path: any(_matches(parts, path.split("/")) for parts in wanted)


def _expanded(pattern: str) -> list[str]:
    """The pattern once for every choice in its braces, innermost first."""
    found = [pattern]
    while (braces := _BRACES.search(found[0])) and len(found) < MAX_EXPANSIONS:
        choices = braces[1].split(",")
        found = [text.replace(braces[0], choice, 1) for text in found for choice in choices]
    return found


def _parts(pattern: str) -> list[re.Pattern[str] | None]:
    """One expression for every part of the pattern, None for `**`."""
    return [None if part == "**" else _part(part) for part in without_dot_slash(pattern).split("/")]


def _part(part: str) -> re.Pattern[str]:
    visible = "" if part.startswith(".") else r"(?!\.)"
    return re.compile(visible + fnmatch.translate(part), re.DOTALL)


def _matches(pattern: Sequence[re.Pattern[str] | None], path: Sequence[str]) -> bool:
    """Walks both from the left; `reached` are the pattern parts that may come next."""
    reached = _after_stars(pattern, {0})
    for name in path:
        following = set()
        for index in reached:
            part = pattern[index] if index < len(pattern) else re.compile(r"(?!)")
            if part is None and not name.startswith("."):
                following.add(index)
            if part is not None and part.match(name):
                following.add(index + 1)
        reached = _after_stars(pattern, following)
    return len(pattern) in reached


def _after_stars(pattern: Sequence[re.Pattern[str] | None], reached: set[int]) -> set[int]:
    """`**` may stand for no folder at all."""
    found = set(reached)
    for index in sorted(reached):
        while index < len(pattern) and pattern[index] is None:
            index += 1
            found.add(index)
    return found
