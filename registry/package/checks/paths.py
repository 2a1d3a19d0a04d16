"""File names: which a package may use, and when two names are the same on a disk."""

import unicodedata

from foundation.text.names import BIDI_CONTROLS, BLANKS, is_hidden_at

MAX_PATH_BYTES = 1024
MAX_PART_BYTES = 255
MAX_PRINTED = 200
"""Characters of a name that a finding shows."""

WINDOWS_DEVICES = frozenset(
    {"con", "prn", "aux", "nul", "conin$", "conout$"}
    | {f"{port}{number}" for port in ("com", "lpt") for number in "123456789¹²³"}
)


def is_hidden(character: str) -> bool:
    """Returns whether it is a control, line separator, lone surrogate or bidi mark."""
    return character in BIDI_CONTROLS or unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"}


def make_printable(text: str) -> str:
    """Returns the text on one line, hidden characters escaped, cut if too long."""
    if len(text) <= MAX_PRINTED and text.isprintable():
        return text
    printable = "".join(map(_escape, text[: MAX_PRINTED + 1]))
    return printable if len(printable) <= MAX_PRINTED else printable[:MAX_PRINTED] + "…"


def _escape(character: str) -> str:
    if not is_hidden(character):
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def normalise_path(path: str) -> str:
    """Removes a leading `./`, and composes letters.

    Some programs write `./` into tarballs. macOS gives file names in decomposed letters, and
    agent.json and links have what a keyboard types.
    """
    path = path.removeprefix("./")
    return path if path.isascii() else unicodedata.normalize("NFC", path)


def path_problem(path: str) -> str | None:
    """Returns why a relative path is refused, or None. The words follow "the name".

    A refused path would be unsafe to unpack, or could not be unpacked on Windows or macOS.
    """
    if not path.isprintable() and any(map(is_hidden, path)):
        return "contains a control character"
    if path.startswith("/") or (path[1:2] == ":" and path[0].isascii() and path[0].isalpha()):
        return "is absolute"
    if "\\" in path:
        return "contains a backslash"
    if len(path.encode()) > MAX_PATH_BYTES:
        return f"is longer than {MAX_PATH_BYTES} bytes"
    if _has_invisible(path):
        return "contains an invisible character"
    problems = (_part_problem(part) for part in path.split("/"))
    return next((problem for problem in problems if problem), None)


def _has_invisible(path: str) -> bool:
    """Returns whether a reader cannot see a part of the name."""
    return not path.isascii() and any(
        is_hidden_at(path, index)
        for index, character in enumerate(path)
        if character in BLANKS or not (character.isascii() or character.isalnum())
    )


def _part_problem(part: str) -> str | None:
    if part == "..":
        return "contains '..'"
    if part in ("", "."):
        return "has an empty or '.' part"
    if len(part.encode()) > MAX_PART_BYTES:
        return f"has a part longer than {MAX_PART_BYTES} bytes"
    # Windows drops them at the end, and would write another file.
    if part[-1] in ". " or part[0] == " ":
        return "has a part that begins with a space or ends with a dot or a space"
    # On Windows it separates the name of a file from a stream in it.
    if ":" in part:
        return "contains a colon"
    if part.split(".")[0].rstrip().lower() in WINDOWS_DEVICES:
        return "is reserved by Windows"
    return None


def fold_name(name: str) -> str:
    """Maps names that differ only in case or Unicode composition to the same text."""
    # Case folding makes characters that have to be decomposed again.
    return unicodedata.normalize("NFD", unicodedata.normalize("NFD", name).casefold())


class NameTree:
    """All names of a package, including the folders that file names imply."""

    def __init__(self) -> None:
        # By number of the parent folder and folded name: own number, spelling, is it a folder.
        # Numbers instead of full paths keep the memory small for deep folders.
        self._entries: dict[tuple[int, str], tuple[int, str, bool]] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, path: str, *, is_folder: bool) -> str | None:
        """Adds a name. Returns the existing name that it collides with, or None.

        A folder may be added again in the same spelling.
        """
        parent, parts = 0, path.split("/")
        for depth, part in enumerate(parts):
            part_is_folder = is_folder or depth < len(parts) - 1
            new_entry = (len(self._entries) + 1, part, part_is_folder)
            entry = self._entries.setdefault((parent, fold_name(part)), new_entry)
            number, spelling, was_folder = entry
            is_same_folder = part_is_folder and was_folder and spelling == part
            if number != new_entry[0] and not is_same_folder:
                return "/".join([*parts[:depth], spelling])
            parent = number
        return None
