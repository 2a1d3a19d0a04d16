"""The file patterns of a manifest, with the same meaning as in the client.

Within one part of a path: `*`, `?`, `[a-z]` and `{a,b}`. `**` matches any number of folders.
A part that begins with a dot is matched only by a pattern part that begins with a dot. There is no
negation.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice

from foundation.text.expressions import Pattern, compile_text
from registry.package.checks.paths import normalise_path

MAX_EXPANSIONS = 1_000
_BRACES = compile_text(r"\{([^{}]*,[^{}]*)\}")
_NOTHING = r"[^\x00-\x{10ffff}]"


@dataclass(frozen=True, slots=True)
class GlobPart:
    """A pattern for one part of a path. The part `**` has no expression."""

    expression: Pattern[str] | None
    includes_hidden: bool

    def matches(self, name: str) -> bool:
        if self.expression is None or (name.startswith(".") and not self.includes_hidden):
            return False
        # A name on a disk may have bytes that are no UTF-8, which Python writes as surrogates.
        return self.expression.fullmatch(name.encode(errors="replace").decode()) is not None


def compile_globs(patterns: Sequence[str]) -> Callable[[str], bool]:
    """Returns a function that tells whether a path matches one of the patterns."""
    # Braces multiply: "{a,b}" sixty times has 2^60 expansions, so only the first ones are used.
    patterns_by_glob = [
        _compile_parts(expansion)
        for pattern in patterns
        for expansion in islice(_expand_braces(pattern), MAX_EXPANSIONS)
    ]
    return lambda path: any(_matches(parts, path.split("/")) for parts in patterns_by_glob)


def _expand_braces(pattern: str) -> list[str]:
    """Returns the pattern once for each choice in its braces, innermost braces first."""
    expansions = [pattern]
    while (braces := _BRACES.search(expansions[0])) and len(expansions) < MAX_EXPANSIONS:
        choices = braces[1].split(",")
        expansions = [
            text.replace(braces[0], choice, 1) for text in expansions for choice in choices
        ]
    return expansions


def _compile_parts(pattern: str) -> list[GlobPart]:
    parts: list[GlobPart] = []
    for part in normalise_path(pattern).split("/"):
        expression = None if part == "**" else compile_text(f"(?s){_translate_part(part)}")
        parts.append(GlobPart(expression, includes_hidden=part.startswith(".")))
    return parts


def _translate_part(part: str) -> str:
    """Returns the expression for one part of a pattern."""
    pieces, position = [], 0
    while position < len(part):
        character = part[position]
        # The first character of a set may be the closing bracket itself.
        end = part.find("]", position + 2) if character == "[" else -1
        if end != -1:
            pieces.append(_translate_set(part[position + 1 : end]))
            position = end
        else:
            pieces.append({"*": ".*", "?": "."}.get(character) or _escape(character))
        position += 1
    return "".join(pieces)


def _translate_set(characters: str) -> str:
    is_negated = characters.startswith("!")
    characters = characters.removeprefix("!")
    ranges, position = [], 0
    while position < len(characters):
        first = characters[position]
        has_range = characters[position + 1 : position + 2] == "-" and position + 2 < len(
            characters
        )
        last = characters[position + 2] if has_range else first
        if first <= last:
            ranges.append(f"{_escape(first)}-{_escape(last)}")
        position += 3 if has_range else 1
    if not ranges:
        return "." if is_negated else _NOTHING
    return f"[{'^' if is_negated else ''}{''.join(ranges)}]"


def _escape(character: str) -> str:
    return f"\\x{{{ord(character):x}}}"


def _matches(pattern: Sequence[GlobPart], path: Sequence[str]) -> bool:
    """Matches part by part, with all positions in the pattern that are possible.

    The number of positions is bounded, so a hostile pattern cannot cause backtracking.
    """
    positions = _skip_stars(pattern, {0})
    for name in path:
        next_positions = set()
        for position in positions:
            part = pattern[position] if position < len(pattern) else None
            if part and part.expression is None and not name.startswith("."):
                next_positions.add(position)
            if part and part.matches(name):
                next_positions.add(position + 1)
        positions = _skip_stars(pattern, next_positions)
    return len(pattern) in positions


def _skip_stars(pattern: Sequence[GlobPart], positions: set[int]) -> set[int]:
    """Adds the positions after each `**`, which may stand for no folder at all."""
    reachable = set(positions)
    for position in sorted(positions):
        while position < len(pattern) and pattern[position].expression is None:
            position += 1
            reachable.add(position)
    return reachable
