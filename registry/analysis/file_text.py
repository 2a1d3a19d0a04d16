"""A text of a package, as far as it was read."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FileText:
    """The beginning of a file's text. ``is_cut``: the file is longer."""

    text: str
    is_cut: bool = False
