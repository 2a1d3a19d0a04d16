"""Size and depth of a document, measured without recursion."""

from typing import Any

from wordclaw.schema.errors import DocumentError

MAX_DEPTH = 64
"""Nested objects and lists. The validator needs a stack of native code for each."""
MAX_NODES = 20_000
"""Values in a document. The validator checks as many in about 0.2 s at worst."""

MAX_NUMBER = 2**63 - 1
"""PostgreSQL returns a larger number as an integer that JSON of the API cannot carry."""


def shape_error(
    document: Any, *, max_depth: int = MAX_DEPTH, max_nodes: int = MAX_NODES
) -> DocumentError | None:
    """Return why a document is too large, too deep or cannot be stored, or None."""
    stack = [(document, 1)]
    node_count = 0
    while stack:
        value, depth = stack.pop()
        node_count += 1
        if depth > max_depth:
            return DocumentError("", f"More than {max_depth} levels are nested.", "depth")
        if node_count > max_nodes:
            return DocumentError("", f"There are more than {max_nodes:,} values.", "size")
        if error := _value_error(value):
            return error
        if isinstance(value, dict):
            stack.extend((child, depth + 1) for child in value.values())
        elif isinstance(value, list):
            stack.extend((child, depth + 1) for child in value)
    return None


def _value_error(value: Any) -> DocumentError | None:
    """Returns why one value cannot be stored, without a look at what it contains."""
    # Keys are texts, too, and are stored in the same column.
    texts = value if isinstance(value, dict) else (value,) if isinstance(value, str) else ()
    if not all(map(_can_be_stored, texts)):
        return DocumentError("", "A text has U+0000 or half a character.", "characters")
    if isinstance(value, float | int) and not -MAX_NUMBER <= value <= MAX_NUMBER:
        return DocumentError("", "A number has more than 63 bits.", "number")
    return None


def _can_be_stored(text: str) -> bool:
    if text.isascii():
        return "\0" not in text
    # PostgreSQL stores no U+0000, and no surrogate has an encoding.
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)
