"""Size and depth of a document, measured without recursion."""

from typing import Any

from wordclaw.schema.errors import DocumentError

MAX_DEPTH = 64
"""Nested objects and lists. The validator needs a stack of native code for each."""
MAX_NODES = 20_000
"""Values in a document. The validator checks as many in about 0.2 s at worst."""


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
        if isinstance(value, dict):
            stack.extend((child, depth + 1) for child in value.values())
            # Keys are texts, too, and are stored in the same column.
            stack.extend((key, depth) for key in value if "\0" in key)
        elif isinstance(value, list):
            stack.extend((child, depth + 1) for child in value)
        elif isinstance(value, str) and "\0" in value:
            # PostgreSQL stores no such character.
            return DocumentError("", "A text contains the character U+0000.", "characters")
    return None
