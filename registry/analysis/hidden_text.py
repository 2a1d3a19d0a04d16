"""Find characters that a reader cannot see or mistakes for others.

Three kinds: invisible characters, characters that change the text direction, and letters that look
like Latin ones inside Latin words (homoglyphs). They can hide instructions from a human reviewer
that a model still reads. Blanks of several kinds in a row can encode a message, too; such blanks
count as invisible.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from foundation.text.expressions import compile_text
from foundation.text.names import BLANKS, is_hidden_at, takes_emoji_style

# Cyrillic and Greek letters that most fonts draw like a Latin letter.
LOOKALIKES = frozenset("АВЕЅІЈКМНОРСТХУаеіјорсухѕԁԛԝһӏΑΒΕΖΗΙΚΜΝΟΡΤΥΧονρ")  # noqa: RUF001
DIRECTION = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# Parts of emoji, of Persian and of Indic scripts, and hidden anywhere else.
_JOINERS = frozenset("\u200c\u200d")
_STYLES = frozenset("\ufe0e\ufe0f")
BENIGN_CHARACTERS = frozenset("\t\n\r")
# Tabs and spaces that alternate three times indent nothing.
_ALTERNATING_BLANKS = compile_text(r"\t+ +\t+ +[\t ]*| +\t+ +\t+[\t ]*")
# Of these, one line of ordinary typography has two kinds at most.
_RARE_BLANKS = frozenset("\u1680\u205f") | frozenset(map(chr, range(0x2000, 0x200B)))
MAX_KINDS_OF_BLANKS = 2


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
        return unicodedata.name(self.character, _NAMES.get(self.character, "a control character"))


_NAMES = {"\t": "TAB BETWEEN BLANKS"}


def find_hidden(text: str) -> Iterator[HiddenMatch]:
    """Hidden characters in the order of the text."""
    for number, line in enumerate(text.split("\n"), start=1):
        # Most lines are plain ASCII, and for these the check is far cheaper than the search.
        if line.isascii() and line.isprintable():
            continue
        for _, kind, character in find_hidden_in_line(line):
            yield HiddenMatch(number, kind, character)


def find_hidden_in_line(line: str) -> list[tuple[int, str, str]]:
    """Position, kind and character of everything hidden in a line, sorted."""
    matches = [
        (position, kind, character)
        for position, character in enumerate(line)
        if not " " <= character <= "~" and (kind := kind_of(character))
        if not _is_used(line, position)
    ]
    if not LOOKALIKES.isdisjoint(line):
        matches += [(position, "lookalike", letter) for position, letter in _lookalikes(line)]
    matches += [(position, "invisible", line[position]) for position in _encoding_blanks(line)]
    return sorted(matches)


def _is_used(line: str, position: int) -> bool:
    """Whether a reader sees what a joiner or a selector does at this position."""
    character = line[position]
    if character in _STYLES:
        return takes_emoji_style(line[max(0, position - 1) : position])
    return character in _JOINERS and not is_hidden_at(line, position)


def _encoding_blanks(line: str) -> Iterator[int]:
    """Positions of tabs and rare blanks that could stand for the bits of a message."""
    if "\t" in line:
        for run in _ALTERNATING_BLANKS.finditer(line):
            yield from (n for n in range(run.start(), run.end()) if line[n] == "\t")
    if len(_RARE_BLANKS.intersection(line)) > MAX_KINDS_OF_BLANKS:
        yield from (n for n, character in enumerate(line) if character in _RARE_BLANKS)


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

    Whether a letter is a lookalike, or a joiner is used, depends on the text around it: see
    `find_hidden_in_line`.
    """
    if character in DIRECTION:
        return "direction"
    if character in BENIGN_CHARACTERS or " " <= character <= "~":
        return ""
    code = ord(character)
    is_invisible = (
        unicodedata.category(character) in {"Cc", "Cf", "Co", "Zl", "Zp"}
        or character in BLANKS
        or 0xFE00 <= code <= 0xFE0F  # variation selectors, which can encode a message
        or 0xE0000 <= code <= 0xE0FFF  # tag characters and further selectors
        or code & 0xFFFE == 0xFFFE  # no characters in any version of Unicode
        or 0xFDD0 <= code <= 0xFDEF
    )
    return "invisible" if is_invisible else ""
