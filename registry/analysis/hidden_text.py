"""Characters that a reader does not see, or takes for others: invisible ones, those that turn the
direction of a text, and letters that look like Latin ones inside Latin words."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

# Cyrillic and Greek letters that most fonts draw like a Latin one.
LOOKALIKES = frozenset("АВЕЅІЈКМНОРСТХУаеіјорсухѕԁԛԝһӏΑΒΕΖΗΙΚΜΝΟΡΤΥΧονρ")  # noqa: RUF001
DIRECTION = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# Joiners and selectors belong to emoji and to several scripts; alone they are still unseen.
BENIGN = frozenset("\t\n\r\u200d\ufe0f")
_CANDIDATE = re.compile(r"[^\x20-\x7e\t\n\r]")
_MIXED = re.compile(r"(?<![^\W\d_])(?=[^\W\d_]*[A-Za-z])[^\W\d_]*[^\W\d_A-Za-z][^\W\d_]*")
MOST_PER_FILE = 100


@dataclass(frozen=True, slots=True)
class Hidden:
    """A character on a line (from 1). ``kind`` is invisible, direction or lookalike."""

    line: int
    kind: str
    character: str

    @property
    def code(self) -> str:
        return f"U+{ord(self.character):04X}"

    @property
    def name(self) -> str:
        return unicodedata.name(self.character, "a control character")


def kind_of(character: str) -> str:
    """Of a character by itself: direction, invisible, or "" for one that is seen."""
    if character in DIRECTION:
        return "direction"
    if character in BENIGN or " " <= character <= "~":
        return ""
    return "invisible" if _is_unseen(character) else ""


def _is_unseen(character: str) -> bool:
    code = ord(character)
    return (
        unicodedata.category(character) in {"Cc", "Cf", "Co", "Zl", "Zp"}
        or code in (0x115F, 0x1160, 0x3164, 0xFFA0)  # Hangul fillers
        or 0xFE00 <= code <= 0xFE0E  # variation selectors, which can carry a message
        or 0xE0000 <= code <= 0xE0FFF  # tags and more selectors
    )


def hidden_in(text: str) -> Iterator[Hidden]:
    """What is hidden in a text, in order; at most ``MOST_PER_FILE``."""
    left = MOST_PER_FILE
    for number, line in enumerate(text.split("\n"), start=1):
        if line.isascii() and line.isprintable():
            continue
        for _, kind, character in marks_in(line):
            yield Hidden(number, kind, character)
            left -= 1
            if not left:
                return


def marks_in(line: str) -> list[tuple[int, str, str]]:
    """Place, kind and character of everything hidden in one line."""
    found = [
        (match.start(), kind, match[0])
        for match in _CANDIDATE.finditer(line)
        if (kind := kind_of(match[0]))
    ]
    if not LOOKALIKES.isdisjoint(line):
        for word in _MIXED.finditer(line):
            found += [
                (word.start() + at, "lookalike", character)
                for at, character in enumerate(word[0])
                if character in LOOKALIKES
            ]
    return sorted(found)
