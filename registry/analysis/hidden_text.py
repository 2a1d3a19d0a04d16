"""Find characters that a reader cannot see or mistakes for others.

Three kinds: invisible characters, characters that change the text direction, and letters that look
like Latin ones inside Latin words (homoglyphs). They can hide instructions from a human reviewer
that a model still reads.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

# Cyrillic and Greek letters that most fonts draw like a Latin letter.
LOOKALIKES = frozenset("АВЕЅІЈКМНОРСТХУаеіјорсухѕԁԛԝһӏΑΒΕΖΗΙΚΜΝΟΡΤΥΧονρ")  # noqa: RUF001
DIRECTION = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# The zero-width joiner and the emoji selector are part of ordinary emoji.
BENIGN = frozenset("\t\n\r\u200d\ufe0f")
MAX_PER_FILE = 100


@dataclass(frozen=True, slots=True)
class HiddenMatch:
    """A hidden character; ``kind`` is invisible, direction or lookalike."""

    line: int
    kind: str
    character: str

    @property
    def code(self) -> str:
        return f"U+{ord(self.character):04X}"

    @property
    def name(self) -> str:
        return unicodedata.name(self.character, "a control character")


def find_hidden(text: str) -> Iterator[HiddenMatch]:
    """Hidden characters in the order of the text, at most ``MAX_PER_FILE``."""
    remaining = MAX_PER_FILE
    for number, line in enumerate(text.split("\n"), start=1):
        # Most lines are plain ASCII, and for these the check is far cheaper than the search.
        if line.isascii() and line.isprintable():
            continue
        for _, kind, character in find_hidden_in_line(line):
            yield HiddenMatch(number, kind, character)
            remaining -= 1
            if not remaining:
                return


def find_hidden_in_line(line: str) -> list[tuple[int, str, str]]:
    """Position, kind and character of everything hidden in a line, sorted."""
    matches = [
        (position, kind, character)
        for position, character in enumerate(line)
        if not " " <= character <= "~" and (kind := kind_of(character))
    ]
    if not LOOKALIKES.isdisjoint(line):
        matches += [(position, "lookalike", letter) for position, letter in _lookalikes(line)]
    return sorted(matches)


def _lookalikes(line: str) -> Iterator[tuple[int, str]]:
    """Position and letter of each lookalike in a word that has Latin letters, too."""
    start = 0
    for is_word, letters in groupby(line, str.isalpha):
        word = "".join(letters)
        if is_word and not LOOKALIKES.isdisjoint(word) and any(map(str.isascii, word)):
            yield from (
                (start + i, letter) for i, letter in enumerate(word) if letter in LOOKALIKES
            )
        start += len(word)


def kind_of(character: str) -> str:
    """direction or invisible, or "" for a visible character.

    Whether a letter is a lookalike depends on the word around it: see `find_hidden_in_line`.
    """
    if character in DIRECTION:
        return "direction"
    if character in BENIGN or " " <= character <= "~":
        return ""
    code = ord(character)
    is_invisible = (
        unicodedata.category(character) in {"Cc", "Cf", "Co", "Zl", "Zp"}
        or code in (0x115F, 0x1160, 0x3164, 0xFFA0)  # Hangul fillers
        or 0xFE00 <= code <= 0xFE0E  # variation selectors, which can encode a message
        or 0xE0000 <= code <= 0xE0FFF  # tag characters and further selectors
    )
    return "invisible" if is_invisible else ""
