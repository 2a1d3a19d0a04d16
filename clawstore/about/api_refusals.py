"""Refusals in the OpenAPI document: their shape, and the list of their codes."""

from collections.abc import Iterator
from typing import Any

# Both are loaded late: with the first error that no view answers, and with a bucket.
import clawstore.web.errors  # noqa: F401
import foundation.files.errors  # noqa: F401
from foundation.refusals import NotFound, Refusal
from foundation.web.responses import JSON

OTHER_DOORS = ("clawstore.mcp.", "clawstore.transfer.")
"""Packages whose refusals no operation of the API answers. They are loaded when they are needed."""
DEFAULT = "default"
"""The key of the response for all statuses that an operation does not name."""
SHAPE = {
    "title": "Refusal",
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {
                "code": {"type": "string", "description": "Stable; see x-refusals."},
                "message": {"type": "string", "description": "For people; it may change."},
                "remediation": {"type": "string", "description": "What to do next."},
                "details": {
                    "type": "object",
                    "description": "Depends on the code; errors have a JSON pointer each.",
                },
            },
        }
    },
}
EXAMPLE = {
    "error": {
        "code": NotFound.code,
        "message": NotFound.message,
        "remediation": "List what there is, and use an id of the list.",
    }
}


def add_refusals(document: dict[str, Any]) -> None:
    """Give each operation the shape of refusals, and the document all their codes."""
    document["components"]["schemas"]["Refusal"] = SHAPE
    reference = {"$ref": "#/components/schemas/Refusal"}
    content = {JSON: {"schema": reference, "example": EXAMPLE}}
    response = {"description": "A refusal", "content": content}
    for operations in document["paths"].values():
        for operation in operations.values():
            operation["responses"].setdefault(DEFAULT, response)
    document["x-refusals"] = refusals_by_code()


def refusals_by_code() -> dict[str, dict[str, Any]]:
    """Return status, message and remediation of each named refusal by its code.

    It does not depend on what else this process has loaded.
    """
    rows: dict[str, dict[str, Any]] = {}
    for kind in _walk(Refusal):
        if kind.__module__.startswith(OTHER_DOORS):
            continue
        row = {"status": kind.status, "message": kind.message}
        if kind.remediation:
            row["remediation"] = kind.remediation
        # Several refusals may share a code; the most general one comes first.
        rows.setdefault(kind.code, row)
    return dict(sorted(rows.items()))


def _walk(kind: type[Refusal]) -> Iterator[type[Refusal]]:
    for subclass in kind.__subclasses__():
        yield subclass
        yield from _walk(subclass)
