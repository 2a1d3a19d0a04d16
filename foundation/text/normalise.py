"""Text normalisation for search.

Stored text and queries pass through the same functions.
"""

import unicodedata

MIN_STEM_LENGTH = 4
SHORT_WORD_LENGTH = 3

_CONTROL_CHARACTERS = dict.fromkeys(range(32), " ")
# Letters with a stroke instead of an accent, and punctuation that has a typographic form.
_PLAIN_CHARACTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"}  # noqa: RUF001
    | {"’": "'", "‘": "'", "“": '"', "”": '"', "‐": "-", "‑": "-"}  # noqa: RUF001
)
_ACCENTS = dict.fromkeys(range(0x300, 0x370))
_NOT_PLURAL = frozenset({"news"})
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


def words_of(text: str) -> list[str]:
    """Return the distinct words of a folded text in order of first appearance."""
    spaced_text = "".join(c if c.isalnum() else " " for c in text)
    return list(dict.fromkeys(spaced_text.split()))


def short_singular_of(word: str) -> str:
    """Return the three-letter singular of an English plural (*taxes*: *tax*), or "".

    `stem_of` does not handle words this short. Match the result only as a complete word.
    """
    for ending in ("es", "s"):
        singular = word.removesuffix(ending)
        takes_es = singular.endswith(("s", "x", "z", "ch", "sh"))
        if (
            len(singular) == SHORT_WORD_LENGTH
            and singular != word
            and takes_es == (ending == "es")
            and word not in _NOT_PLURAL
        ):
            return singular
    return ""


def stem_of(word: str) -> str:
    """Return the common stem of an English word's forms, at least four letters long.

    Other words are returned unchanged. Match the result only as a prefix.
    """
    for ending in ("ings", "ing", "ers", "er", "ies", "es", "ed", "s", "e", "y"):
        stem_length = len(word) - len(ending)
        if word.endswith(ending) and stem_length >= MIN_STEM_LENGTH and not word.endswith("ss"):
            stem = word[:stem_length]
            is_doubled = stem[-1] == stem[-2] and ending in {"ings", "ing", "ers", "er", "ed"}
            return stem[:-1] if is_doubled and len(stem) > MIN_STEM_LENGTH else stem
    return word
