"""Values of controls that are no JSON values."""

from typing import Any


class Marker:
    """A value that is not there."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name


MISSING = Marker("MISSING")
"""No value: the key is left out."""
BLANK = Marker("BLANK")
"""A row of a list in which nothing is typed yet; it is not saved."""


# A text, so that templates show it, and a type of its own, so that no control takes it for a value.
class RawText(str):
    """Typed text that should be a number or JSON, and is neither."""

    __slots__ = ()


def is_blank(value: Any) -> bool:
    """Whether a control for this value is empty."""
    return value is MISSING or value is BLANK or value is None or value == ""
