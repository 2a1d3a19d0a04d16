"""Texts that people send, read into what may be stored."""

import re
from uuid import UUID

NOWHERE = UUID(int=0)


def no_nul(text: str) -> str:
    """The text itself; ValueError where it holds a NUL, which PostgreSQL cannot store."""
    if "\0" in text:
        raise ValueError("A text cannot contain a NUL character.")
    return text


# What XML 1.0 cannot hold, however it is escaped.
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def for_xml(text: str) -> str:
    """The text without the characters that no XML document may hold; not yet escaped."""
    return NOT_XML.sub("", text)


def tidy(text: str | None) -> str | None:
    """Trimmed, with plain line ends as a browser counts them; None when nothing is left."""
    return (text or "").replace("\r\n", "\n").strip() or None


def read_uuid(text: str | UUID | None) -> UUID:
    """The UUID that a path or a body names. For anything that is not one it is the nil UUID, which
    no row has: so it finds nothing, like any other id that is not there."""
    if isinstance(text, UUID):
        return text
    try:
        return UUID(text)
    except (TypeError, ValueError):
        return NOWHERE
