"""JSON pointers (RFC 6901)."""

from collections.abc import Iterable
from typing import Any


def join(parts: Iterable[str | int]) -> str:
    """Return the pointer to the place with these keys and indexes."""
    return "".join("/" + escape(str(part)) for part in parts)


def escape(part: str) -> str:
    # The tilde first, or the tilde of ~1 would be escaped again.
    return part.replace("~", "~0").replace("/", "~1")


def split(pointer: str) -> list[str]:
    """Return the keys of a pointer. Raises ValueError."""
    if pointer == "":
        return []
    if not pointer.startswith("/"):
        raise ValueError(pointer)
    # The reverse order of `escape`, or ~01 would become a slash.
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer[1:].split("/")]


def look_up(document: Any, pointer: str) -> Any:
    """Return the value at a pointer. Raises KeyError, IndexError or ValueError."""
    value = document
    for part in split(pointer):
        if isinstance(value, list):
            value = value[int(part)]
        elif isinstance(value, dict):
            value = value[part]
        else:
            raise KeyError(part)
    return value
