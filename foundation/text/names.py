"""Names that people read: one line in which every character is visible.

An invisible character makes two different names look the same, and a direction mark makes a name
rearrange the text around it.
"""

import unicodedata
from collections.abc import Iterable

BIDI_CONTROLS = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
JOINERS = frozenset("\u200c\u200d")
EMOJI_STYLE = "\ufe0f"
# Unicode calls these letters, marks or symbols, but no font draws them.
BLANKS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
# Control, format, private use, lone surrogate, line and paragraph separator.
HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
# Unassigned characters that fonts must not draw; others may be emoji of a later Unicode version.
FIRST_IGNORABLE, LAST_IGNORABLE = "\U000e0000", "\U000e0fff"
FIRST_JOINED_SCRIPT = "\u0590"
# Emoji that Unicode does not call symbols.
_STYLED = frozenset("0123456789#*\u203c\u2049\u2139\u3030")
VARIATION_SELECTORS = frozenset(map(chr, range(0xFE00, 0xFE10)))


def is_readable_name(text: str) -> bool:
    """Whether the text has a visible character and no hidden one."""
    return has_visible(text) and not any(is_hidden_at(text, i) for i in range(len(text)))


def has_visible(text: str) -> bool:
    return any(_is_visible(character) for character in text)


def readable_name(text: str) -> str:
    """Return a name without its hidden characters; "" if nothing is left."""
    text = unicodedata.normalize("NFC", text)
    # Line breaks and tabs separate words; other hidden characters are inside of them.
    spaced_text = "".join(" " if character.isspace() else character for character in text)
    visible = "".join(c for i, c in enumerate(spaced_text) if not is_hidden_at(spaced_text, i))
    name = " ".join(visible.split())
    return name if has_visible(name) else ""


def clean_name(text: str) -> str:
    """Return a name of another instance, unchanged if it is readable.

    Raises ValueError if nothing is left.
    """
    if not text or is_readable_name(text):
        return text
    name = readable_name(text)
    if not name:
        raise ValueError("has no visible character")
    return name


def clean_names(texts: Iterable[str | None]) -> list[str | None]:
    """Clean a column of names. Raises ValueError."""
    return [text and clean_name(text) for text in texts]


def strip_ignorable(text: str) -> str:
    """Return the text without characters that some programs and disks ignore.

    They are the format characters, fillers and variation selectors of Unicode.
    """
    return text if text.isascii() else "".join(c for c in text if not _is_ignorable(c))


def _is_ignorable(character: str) -> bool:
    return (
        character in BLANKS
        or character in VARIATION_SELECTORS
        or FIRST_IGNORABLE <= character <= LAST_IGNORABLE
        or unicodedata.category(character) == "Cf"
    )


def is_hidden_at(text: str, index: int) -> bool:
    """Whether a reader cannot see the character at this position.

    Joiners are part of emoji, of Persian and of Indic scripts, so they are allowed between two
    characters of those; the emoji style is allowed after a symbol.
    """
    character = text[index]
    if " " <= character <= "~":
        return False
    if character in JOINERS:
        before, after = _before(text, index), text[index + 1 : index + 2]
        return not (_may_be_joined(before) and _may_be_joined(after))
    if unicodedata.name(character, "").startswith("VARIATION SELECTOR"):
        return character != EMOJI_STYLE or not takes_emoji_style(_before(text, index))
    is_ignorable = FIRST_IGNORABLE <= character <= LAST_IGNORABLE
    is_blank = character in BLANKS or is_ignorable
    return is_blank or unicodedata.category(character) in HIDDEN_CATEGORIES


def _before(text: str, index: int) -> str:
    return text[max(0, index - 1) : index]


def _may_be_joined(character: str) -> bool:
    return character == EMOJI_STYLE or (
        character >= FIRST_JOINED_SCRIPT and _is_visible_or_mark(character)
    )


def takes_emoji_style(character: str) -> bool:
    """Whether a variation selector behind the character changes its style."""
    return character in _STYLED or unicodedata.category(character or " ")[0] == "S"


def _is_visible(character: str) -> bool:
    return character not in BLANKS and unicodedata.category(character)[0] not in "CZM"


def _is_visible_or_mark(character: str) -> bool:
    return character not in BLANKS and unicodedata.category(character)[0] not in "CZ"
