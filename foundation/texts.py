"""Texts that people send, read into what may be stored."""

from uuid import UUID


def no_nul(text: str) -> str:
    """The text itself; ValueError where it holds a NUL, which PostgreSQL cannot store."""
    if "\0" in text:
        raise ValueError("A text cannot contain a NUL character.")
    return text


def tidy(text: str | None) -> str | None:
    """Trimmed, with plain line ends as a browser counts them; None when nothing is left."""
    return (text or "").replace("\r\n", "\n").strip() or None


def read_uuid(text: str | UUID | None) -> UUID | None:
    """The UUID that a path or a body names; None for anything that is not one."""
    if text is None or isinstance(text, UUID):
        return text
    try:
        return UUID(text)
    except ValueError:
        return None
