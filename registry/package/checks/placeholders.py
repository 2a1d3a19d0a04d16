"""Tells real credentials from the placeholders that people write into examples.

Only what is shaped like words, a filler or a counted-up sequence is a placeholder. Equal characters
in a row prove nothing: the keys that `ssh-keygen` makes have six of them.
"""

import math
import operator
import string
from collections import Counter

from foundation.text.expressions import compile_bytes

# Long enough to be in no random token by chance.
_EXAMPLE_WORDS = (
    b"example placeholder redacted changeme change-me change_me replace insert dummy sample"
    b" notreal not-real not_real fake-key xxxxxx"
).split()
# Words between the dashes of a placeholder: "sk-your-key-1", "my_token_here".
_JOINED_EXAMPLE_WORDS = frozenset(
    b"your my here the a an some key keys api token secret password value goes put paste enter add"
    b" test demo foo bar baz openai anthropic project id name user".split()
)
_ONLY_WORDS = compile_bytes(
    rb"(?:[A-Z]?[a-z]{1,14}|[A-Z]{1,14})(?:[_-]{1,2}(?:[A-Z]?[a-z]{1,14}|[A-Z]{1,14}))+[_-]?"
)
_FILLER = compile_bytes(rb"\*{4}|\.{3}|[xX]{6}|_{6}|-{6}")
_REFERENCE = compile_bytes(
    rb"[$/#]|\.{1,2}/|%[a-z_]+%|(?:process|import|os|config|settings|secrets|env|ctx|self|vars)\."
    rb"|.*(?:\.env\b|environ|getenv)"
    rb"|[a-z0-9_./-]+\.(?:pem|key|crt|p12|pfx|json|md|txt|ya?ml|toml|env)$",
    ignore_case=True,
)
_UUID = compile_bytes(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", ignore_case=True)
_LETTERS = string.ascii_letters.encode()
_DIGITS = string.digits.encode()
_NEXT_CHARACTER = bytes([*range(1, ord("9") + 1), ord("0"), *range(ord("9") + 2, 256), 0])
_MIN_DISTINCT_CHARACTERS = 4
_MIN_LENGTH = 16
_MIN_ENTROPY = 3.0
_MIN_PASSWORD_LENGTH = 6
_MIN_PASSWORD_ENTROPY = 2.0
_MIN_OTHER_LETTERS = 3
# The longer ones first.
_COMMON_PASSWORDS = (
    b"password passwd pass pwd secret user admin root test demo guest hunter2 postgres mysql redis"
    b" changeit letmein token apikey api_key api-key key your my_ my- foobar foo bar abc qwerty"
    b" rabbitmq mongo default local dev s3cr3t p@ss pa55 p4ss"
).split()


def is_placeholder(token: bytes) -> bool:
    """Returns whether a token is words, a filler or a sequence instead of a key."""
    lowercase_token = token.lower()
    parts = lowercase_token.replace(b"_", b"-").split(b"-")
    return bool(
        len(set(token)) < _MIN_DISTINCT_CHARACTERS
        or any(word in lowercase_token for word in _EXAMPLE_WORDS)
        or lowercase_token.startswith(b"your")
        or lowercase_token.endswith(b"here")
        or sum(part in _JOINED_EXAMPLE_WORDS for part in parts) > 1
        or _ONLY_WORDS.fullmatch(token)
        # Not in capitals: one in thirty AWS keys has no digit.
        or (token.islower() and token.replace(b"-", b"").replace(b"_", b"").isalpha())
        or _FILLER.search(token)
        or _is_sequence(lowercase_token)
    )


def _is_sequence(token: bytes) -> bool:
    """Returns whether most characters follow the one before: `1234567890abcdef`."""
    steps = int(sum(map(operator.eq, token[1:], token.translate(_NEXT_CHARACTER))))
    return steps * 3 > len(token) * 2


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


def is_password(value: bytes) -> bool:
    """Returns whether the password of a URL looks real.

    People choose passwords, so a shorter one counts, but no word that documents use.
    """
    # A word alone, also in capitals, is more often an example than a password.
    is_word = value.isalpha() and (value.islower() or value.isupper() or value.istitle())
    return not (
        len(value) < _MIN_PASSWORD_LENGTH
        or value[:1] in b"$<{[(%*:"
        or is_word
        or is_placeholder(value)
        or _is_common_password(value.lower())
        or _entropy(value) < _MIN_PASSWORD_ENTROPY
    )


def _is_common_password(lowercase_token: bytes) -> bool:
    """Returns whether few letters are left without the words that documents use."""
    for word in _COMMON_PASSWORDS:
        lowercase_token = lowercase_token.replace(word, b"")
    return (
        len(lowercase_token) - len(lowercase_token.translate(None, _LETTERS)) < _MIN_OTHER_LETTERS
    )


def is_key_material(text: bytes) -> bool:
    """Returns whether the first characters of a private key could be random bytes."""
    has_all_kinds = all(text.translate(None, kind) != text for kind in (_LETTERS, _DIGITS))
    is_mixed_case = not text.isupper() and not text.islower()
    return has_all_kinds and is_mixed_case and _entropy(text) >= _MIN_ENTROPY


def _entropy(value: bytes) -> float:
    """Returns the Shannon entropy in bits per character."""
    total = len(value)
    return -sum(n / total * math.log2(n / total) for n in Counter(value).values())
