"""Names: one rule for people, agents and keys."""

import pytest

from foundation.text.names import is_readable_name, readable_name

pytestmark = pytest.mark.once

READABLE = [
    "Ada Lovelace",
    "Łódź",
    "é",
    "e\u0301",
    "李小龍",
    "محمد",
    "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",  # Persian, with a zero-width non-joiner
    "\u0dc1\u0dca\u200d\u0dbb\u0dd3",  # Sinhala, with a zero-width joiner
    "👩\u200d🚀 Coach",
    "❤\ufe0f",
    "❤\ufe0f\u200d🔥",
    "1\ufe0f\u20e3",
    "🇩🇪",
    "it's #1 (really)",
]


@pytest.mark.parametrize("name", READABLE)
def test_readable_name_stays(name: str) -> None:
    assert is_readable_name(name)


HIDDEN = [
    ("Ada\u200bLovelace", "AdaLovelace"),  # zero-width space
    ("ada\u200c", "ada"),  # a joiner after a Latin letter
    ("a\u200dda", "ada"),
    ("\u200dada", "ada"),
    ("ada\ufe0f", "ada"),
    ("ad\u00ada", "ada"),  # soft hyphen
    ("\ufeffada", "ada"),  # byte order mark
    ("ada\u2060", "ada"),  # word joiner
    ("ada\u202egnp", "adagnp"),  # right-to-left override
    ("ada\u2066", "ada"),
    ("ada\U000e0061", "ada"),  # tag
    ("ada\u3164", "ada"),  # Hangul filler
    ("ada\u2800", "ada"),  # blank Braille pattern
    ("ada\u034f", "ada"),  # grapheme joiner
    ("ada\x07", "ada"),
    ("ada\ue000", "ada"),  # private use
    ("ada\n\tlovelace", "ada lovelace"),
    ("ada\u2028lovelace", "ada lovelace"),
    ("\u200b", ""),
    ("\u3164\u2800", ""),
    (" \u00a0\u2003", ""),
    ("\u0301", ""),  # an accent without a letter
    ("", ""),
]


@pytest.mark.parametrize(("name", "clean_name"), HIDDEN)
def test_hidden_character_is_refused_or_removed(name: str, clean_name: str) -> None:
    assert not is_readable_name(name)
    assert readable_name(name) == clean_name


def test_cleaned_names_are_readable() -> None:
    clean_forms = [readable_name(name) for name, _ in HIDDEN] + [readable_name(n) for n in READABLE]

    assert [name for name in clean_forms if name and not is_readable_name(name)] == []
