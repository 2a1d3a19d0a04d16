"""What a scope and a profile may be."""

import re
import unicodedata
from urllib.parse import urlsplit

SCOPE = re.compile(r"[a-z0-9-]{1,64}")


def may_be_a_scope(login: str) -> bool:
    """Whether a GitHub login, lowercased, can stand in ``@scope/name``."""
    return SCOPE.fullmatch(login) is not None


def is_web_address(text: str) -> bool:
    """http or https with a host, and nothing that a page could trip over."""
    if len(text) > 2048 or any(c.isspace() or ord(c) < 32 for c in text):
        return False
    try:
        parts = urlsplit(text)
        return (
            parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc
        )
    except ValueError:
        return False


TURNING = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
BREAKING = {"Cc", "Cs", "Zl", "Zp"}


def is_one_line(text: str) -> bool:
    """No control character, no line break, no mark that turns the direction of what stands by."""
    return not any(c in TURNING or unicodedata.category(c) in BREAKING for c in text)
