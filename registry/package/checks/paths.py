"""Which names a package may use for its files, and how two names are told apart."""

import re
import unicodedata

MAX_PATH = 1024
MAX_COMPONENT = 255
SHOWN = 200

BIDI_CONTROLS = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
WINDOWS_DEVICES = frozenset(
    {"con", "prn", "aux", "nul", "conin$", "conout$"}
    | {f"{port}{number}" for port in ("com", "lpt") for number in "123456789¹²³"}
)
_DRIVE = re.compile(r"[A-Za-z]:")


def is_hidden(character: str) -> bool:
    """True for control characters, line separators, lone surrogates and direction marks."""
    return character in BIDI_CONTROLS or unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"}


def printable(text: str) -> str:
    """The text on one line, hidden characters escaped, cut to a length that fits a report."""
    if len(text) <= SHOWN and text.isprintable():
        return text
    shown = "".join(_escaped(character) for character in text[: SHOWN + 1])
    return shown if len(shown) <= SHOWN else shown[:SHOWN] + "…"


def _escaped(character: str) -> str:
    if not is_hidden(character):
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def without_dot_slash(path: str) -> str:
    """`./a/b` and `a/b` are the same name; real tarballs use both."""
    return path.removeprefix("./")


def path_problem(path: str) -> str | None:
    """Why this relative path is refused, in words that complete "the name …", or None."""
    if not path.isprintable() and any(map(is_hidden, path)):
        return "contains a control character"
    if path.startswith("/") or _DRIVE.match(path):
        return "is absolute"
    if "\\" in path:
        return "contains a backslash"
    if len(path.encode()) > MAX_PATH:
        return f"is longer than {MAX_PATH} bytes"
    problems = (_component_problem(component) for component in path.split("/"))
    return next((problem for problem in problems if problem), None)


def _component_problem(component: str) -> str | None:
    if component == "..":
        return "contains '..'"
    if component in ("", "."):
        return "has an empty or '.' part"
    if len(component.encode()) > MAX_COMPONENT:
        return f"has a part longer than {MAX_COMPONENT} bytes"
    if component[-1] in ". " or component[0] == " ":
        return "has a part that begins with a space or ends with a dot or a space"
    if ":" in component:
        return "contains a colon"
    if component.split(".")[0].rstrip().lower() in WINDOWS_DEVICES:
        return "is reserved by Windows"
    return None


def folded(name: str) -> str:
    """The name as a disk sees it that ignores case and Unicode composition."""
    return unicodedata.normalize("NFD", unicodedata.normalize("NFD", name).casefold())


class NameTree:
    """The names taken so far, folders implied by files included."""

    def __init__(self) -> None:
        self._taken: dict[tuple[int, str], tuple[int, str, bool]] = {}

    def __len__(self) -> int:
        return len(self._taken)

    def clash(self, path: str, *, is_folder: bool) -> str | None:
        """Takes the name; answers with the spelling it collides with, or None.

        The same folder may come again, in the same spelling.
        """
        parent, parts = 0, path.split("/")
        for depth, part in enumerate(parts):
            folder = is_folder or depth < len(parts) - 1
            new = (len(self._taken) + 1, part, folder)
            number, spelling, was_folder = self._taken.setdefault((parent, folded(part)), new)
            if number != new[0] and not (folder and was_folder and spelling == part):
                return "/".join([*parts[:depth], spelling])
            parent = number
        return None
