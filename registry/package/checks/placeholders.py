"""Tells credentials that look real from the ones that people write into examples."""

import math
import re
import string
from collections import Counter

_EXAMPLE_WORDS = (
    b"example placeholder redacted changeme change-me change_me replace insert dummy sample xxxx"
    b" your- your_ -your _your my- my_ -here _here ... ***"
).split()
_REPEATED = re.compile(rb"(.)\1{5}")
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
_FEWEST_CHARACTERS = 4
_LEAST_LENGTH = 16
_LEAST_ENTROPY = 3.0


def is_no_placeholder(token: bytes) -> bool:
    """False for example values: telling words, words joined by dashes, repeated characters."""
    lowered = token.lower()
    return not (
        len(set(token)) < _FEWEST_CHARACTERS
        or any(word in lowered for word in _EXAMPLE_WORDS)
        or _REPEATED.search(token)
        or _JOINED_WORDS.fullmatch(token)
    )


def is_assigned_secret(value: bytes) -> bool:
    """True when a value that is assigned to a `…_KEY` or `…_SECRET` looks like a real one.

    It mixes letters and digits without a pattern, and is no path, reference or UUID.
    """
    value = value.rstrip(b".!")
    if len(value) < _LEAST_LENGTH or not is_no_placeholder(value):
        return False
    if _REFERENCE.match(value) or _UUID.fullmatch(value):
        return False
    letters = len(value) - len(value.translate(None, _LETTERS))
    digits = len(value) - len(value.translate(None, _DIGITS))
    return letters >= 3 and digits >= 2 and _entropy(value) >= _LEAST_ENTROPY


def _entropy(value: bytes) -> float:
    """Bits for each character, by Shannon."""
    total = len(value)
    return -sum(n / total * math.log2(n / total) for n in Counter(value).values())
