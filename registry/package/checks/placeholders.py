"""Tells real credentials from the placeholders that people write into examples."""

import math
import re
import string
from collections import Counter

_EXAMPLE_WORDS = (
    b"example placeholder redacted changeme change-me change_me replace insert dummy sample xxxx"
    b" your- your_ -your _your my- my_ -here _here ... ***"
).split()
_REPEATED_CHARACTER = re.compile(rb"(.)\1{5}")
_JOINED_WORDS = re.compile(
    rb"(?:[A-Z]?[a-z]{1,14}|[A-Z]{1,14})(?:[_-]{1,2}(?:[A-Z]?[a-z]{1,14}|[A-Z]{1,14}))+[_-]?"
)
_REFERENCE = re.compile(
    rb"[$/#]|\.{1,2}/|%[a-z_]+%|(?:process|import|os|config|settings|secrets|env|ctx|self|vars)\."
    rb"|.*(?:\.env\b|environ|getenv)"
    rb"|[a-z0-9_./-]+\.(?:pem|key|crt|p12|pfx|json|md|txt|ya?ml|toml|env)$",
    re.IGNORECASE,
)
_UUID = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_LETTERS = string.ascii_letters.encode()
_DIGITS = string.digits.encode()
_MIN_DISTINCT_CHARACTERS = 4
_MIN_LENGTH = 16
_MIN_ENTROPY = 3.0


def is_placeholder(token: bytes) -> bool:
    """Returns True for example words, words joined by dashes, and repeated characters."""
    lowered = token.lower()
    return bool(
        len(set(token)) < _MIN_DISTINCT_CHARACTERS
        or any(word in lowered for word in _EXAMPLE_WORDS)
        or _REPEATED_CHARACTER.search(token)
        or _JOINED_WORDS.fullmatch(token)
    )


def is_assigned_secret(value: bytes) -> bool:
    """Returns whether a value that is assigned to a `…_KEY` or `…_SECRET` looks real.

    A real one mixes letters and digits without a pattern, and is no path, reference or UUID.
    """
    value = value.rstrip(b".!")
    if len(value) < _MIN_LENGTH or is_placeholder(value):
        return False
    if _REFERENCE.match(value) or _UUID.fullmatch(value):
        return False
    letter_count = len(value) - len(value.translate(None, _LETTERS))
    digit_count = len(value) - len(value.translate(None, _DIGITS))
    return letter_count >= 3 and digit_count >= 2 and _entropy(value) >= _MIN_ENTROPY


def _entropy(value: bytes) -> float:
    """Returns the Shannon entropy in bits per character."""
    total = len(value)
    return -sum(n / total * math.log2(n / total) for n in Counter(value).values())
