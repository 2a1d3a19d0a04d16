"""What a scope and a profile may be."""

import re
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
