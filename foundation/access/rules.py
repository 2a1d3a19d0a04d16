"""Making and comparing keys and codes, and what a key may carry."""

import hashlib
import re
import secrets

from django.conf import settings
from django.utils.module_loading import import_string

from foundation.access.errors import InvalidKeyRequest
from foundation.access.scopes import declared_scopes

# No look-alikes, and no vowels, so that a random code is not a word.
USER_CODE_ALPHABET = "BCDFGHJKMNPQRTVWXY346789"
USER_CODE_LENGTH = 8
# Of 43 random characters; the rest cannot be guessed from them.
VISIBLE_KEY_CHARACTERS = 8

DESK_PERMISSIONS = ("access.view_apikey", "access.change_apikey")


def digest(secret: str) -> str:
    """Return the SHA-256 in hex. Keys are random, so a slow hash would add nothing."""
    return hashlib.sha256(secret.encode()).hexdigest()


def new_key() -> str:
    prefix: str = settings.API_KEY_PREFIX
    return prefix + secrets.token_urlsafe(32)


def visible_prefix(key: str) -> str:
    """Return the first characters of a key, by which people tell their keys apart."""
    return key[: len(settings.API_KEY_PREFIX) + VISIBLE_KEY_CHARACTERS]


def new_user_code() -> str:
    return "".join(secrets.choice(USER_CODE_ALPHABET) for _ in range(USER_CODE_LENGTH))


def normalise_user_code(text: str) -> str:
    """Return a typed code as stored: people add dashes and spaces and use lower case."""
    return re.sub(r"[\s-]", "", text).upper()


def format_user_code(code: str) -> str:
    """Return the code in two halves, which are easier to read aloud: ``BCDF-GHJK``."""
    return f"{code[:4]}-{code[4:]}"


def validate_scopes(names: object) -> str:
    """Return the scopes as stored.

    Raises InvalidKeyRequest for an unknown one and for none.
    """
    # A text would be taken for a list of letters.
    requested_names = set(names) if isinstance(names, list | tuple | set | frozenset) else set()
    scopes = declared_scopes()
    unknown_names = requested_names - scopes.keys()
    if unknown_names or not requested_names:
        raise InvalidKeyRequest(
            f"Select at least one scope: {', '.join(scopes)}.", unknown=sorted(unknown_names)
        )
    # In the declared order, so that equal sets are equal texts.
    return ",".join(name for name in scopes if name in requested_names)


def validate_subject(subject: str) -> str:
    """Return the subject to which a key is bound, or "". Raises InvalidKeyRequest."""
    problem: str = import_string(settings.KEY_SUBJECT_PROBLEM)(subject) if subject else ""
    if problem:
        raise InvalidKeyRequest(problem)
    return subject


# The first match counts: browsers also claim to be those further down.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
)
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iOS"),
    ("iPad", "iPadOS"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def parse_user_agent(user_agent: str) -> tuple[str, str]:
    """Return the names of browser and operating system; "" for an unknown one."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "")
    return browser, system
