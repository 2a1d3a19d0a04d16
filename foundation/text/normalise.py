"""Text normalisation for search.

Stored text and queries pass through the same functions.
"""

import unicodedata

_CONTROL_CHARACTERS = dict.fromkeys(range(32), " ")
# Letters with a stroke instead of an accent, and punctuation that has a typographic form.
_PLAIN_CHARACTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"}  # noqa: RUF001
    | {"’": "'", "‘": "'", "“": '"', "”": '"', "‐": "-", "‑": "-"}  # noqa: RUF001
)
_ACCENTS = dict.fromkeys(range(0x300, 0x370))
# First and last characters of scripts without spaces between words.
_UNSPACED_SCRIPTS = (
    ("\u0e00", "\u0eff"),
    ("\u1000", "\u109f"),
    ("\u1780", "\u17ff"),
    ("\u3040", "\u30ff"),
    ("\u31f0", "\u31ff"),
    ("\u3400", "\u4dbf"),
    ("\u4e00", "\u9fff"),
    ("\uac00", "\ud7af"),
    ("\uf900", "\ufaff"),
    ("\U00020000", "\U000323af"),
)


def is_unspaced(text: str) -> bool:
    """Whether it has a script without spaces: any part of such text may be a word."""
    return not text.isascii() and any(
        first <= character <= last for character in text for first, last in _UNSPACED_SCRIPTS
    )


def fold(text: str) -> str:
    """Remove case, accents and width differences; white space becomes single spaces.

    Only Latin-style accents are removed: in Japanese or Indic text a combining mark makes another
    letter.
    """
    if text.isascii():
        # Nothing of the rest changes such a text, and most texts are such.
        return " ".join(text.translate(_CONTROL_CHARACTERS).lower().split())
    plain = unicodedata.normalize("NFKC", text.translate(_CONTROL_CHARACTERS)).casefold()
    bare = unicodedata.normalize("NFD", plain).translate(_ACCENTS).translate(_PLAIN_CHARACTERS)
    return " ".join(unicodedata.normalize("NFC", bare).split())
