"""What a key may carry, and how codes are made and compared."""

import hashlib
import re
import secrets

from foundation.access.errors import InvalidKeyRequest
from foundation.access.models import SCOPES

KEY_PREFIX = "claw_"
USER_CODE_ALPHABET = "BCDFGHJKMNPQRTVWXY346789"  # No look-alikes, no vowels: no words either.
USER_CODE_LENGTH = 8
BOUND_TO = re.compile(r"@[a-z0-9-]{1,64}/[a-z0-9][a-z0-9-]{0,62}[a-z0-9]")

# What a device login mints: all that its client does, and nothing of moderation.
DEVICE_SCOPES = ("read", "agents:publish", "agents:yank", "reviews:write", "profile:write")


def digest(secret: str) -> str:
    """SHA-256 in hex. Enough for keys: they are random, so there is nothing to guess."""
    return hashlib.sha256(secret.encode()).hexdigest()


def new_key() -> str:
    return KEY_PREFIX + secrets.token_urlsafe(32)


def new_user_code() -> str:
    return "".join(secrets.choice(USER_CODE_ALPHABET) for _ in range(USER_CODE_LENGTH))


def plain_user_code(typed: str) -> str:
    """The code as it is stored: people type it in small letters, with a dash or spaces."""
    return re.sub(r"[\s-]", "", typed).upper()


def shown_user_code(code: str) -> str:
    """In two halves, easier to read aloud: ``BCDF-GHJK``."""
    return f"{code[:4]}-{code[4:]}"


def checked_scopes(scopes: object) -> str:
    """The scopes as they are stored; refuses an unknown one and an empty set."""
    wanted = set(scopes) if isinstance(scopes, list | tuple | set | frozenset) else set()
    unknown = wanted - set(SCOPES)
    if unknown or not wanted:
        known = ", ".join(SCOPES)
        raise InvalidKeyRequest(f"Select at least one scope: {known}.", unknown=sorted(unknown))
    return ",".join(scope for scope in SCOPES if scope in wanted)


# The first that fits: every browser also claims to be those before it.
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


def browser_words(user_agent: str) -> tuple[str, str]:
    """What a user agent calls itself, as browser and system; empty where we do not know it."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "")
    return browser, system
