"""Text from users, checked and normalised for storage."""

from uuid import UUID

NIL_UUID = UUID(int=0)


def reject_nul(text: str) -> str:
    """Return the text.

    Raises ValueError if it has a NUL, which PostgreSQL cannot store.
    """
    if "\0" in text:
        raise ValueError("A text cannot contain a NUL character.")
    return text


def strip_invalid_xml(text: str) -> str:
    """Remove the characters that no XML document may contain.

    The result is not escaped.
    """
    return text if text.isprintable() else "".join(filter(_is_valid_xml, text))


def _is_valid_xml(character: str) -> bool:
    """Returns whether XML 1.0 allows the character, escaped or not."""
    return (
        character in "\t\n\r"
        or " " <= character <= "\ud7ff"
        or "\ue000" <= character <= "\ufffd"
        or character >= "\U00010000"
    )


def tidy(text: str | None) -> str | None:
    """Trim the text and use plain line ends; None if nothing is left."""
    return (text or "").replace("\r\n", "\n").strip() or None


def read_whole_number(text: str | None) -> int | None:
    """Parse a whole number of at most nine digits; None for anything else."""
    is_number = text is not None and text.isascii() and text.isdigit() and len(text) <= 9
    return int(text) if text is not None and is_number else None


def read_uuid(text: str | UUID | None) -> UUID:
    """Parse a UUID from a path or a body; the nil UUID if it is not one.

    No row has the nil UUID, so a lookup finds nothing, as for any other unknown id.
    """
    if isinstance(text, UUID):
        return text
    try:
        return UUID(text)
    except (TypeError, ValueError):
        return NIL_UUID
