"""The files that a markdown text names: links, images, link definitions, HTML sources.

A small reader of lines, linear in the text: hostile text slows a full parser down. What it misses
costs a warning only.
"""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from urllib.parse import unquote

_FENCE = re.compile(r"[ \t>]*+(?:[-*+] |\d{1,9}[.)] )?+[ \t]*+(`{3,}|~{3,})(.*)")
_LIST_ITEM = re.compile(r"[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]")
_LINK = re.compile(
    r"\]\([ \t]*+(?:<([^<>]{1,255})>"
    r"|([^\s()<>]{1,1024}+(?:\([^\s()]{0,255}\))?+[^\s()<>]{0,255}+)(?=[ \t)]))"
)
_DEFINITION = re.compile(r" {0,3}\[(?!\^)[^\[\]]{1,255}\]:[ \t]*<?([^\s<>]{1,1024})")
_SOURCE = re.compile(r"\b(?:src|href)[ \t]*=[ \t]*[\"']([^\"'<>]{1,1024})[\"']", re.IGNORECASE)
_TICKS = re.compile(r"`+")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//")
_TEMPLATE = re.compile(r"[{}$*|\\\0]")
MAX_LINE = 20_000
MAX_LINES = 20_000


@dataclass(frozen=True, slots=True)
class Reference:
    """`source` names a file as `named`, which is `target` in the package, on a line (from 1)."""

    source: str
    named: str
    target: str
    line: int


def references(source: str, text: str, most: int) -> list[Reference]:
    """The first `most` relative references of a markdown file, each spelling once."""
    found: list[Reference] = []
    seen: set[str] = set()
    for line, named in _named(text):
        if len(found) >= most:
            break
        if named not in seen and (target := resolve(source, named)) is not None:
            found.append(Reference(source, named, target, line))
        seen.add(named)
    return found


def resolve(source: str, named: str) -> str | None:
    """The package path that a link in `source` points to; None when it leaves for elsewhere.

    A path that leaves the package keeps its leading `..`.
    """
    path = re.split(r"[#?]", named.strip(), maxsplit=1)[0]
    if not path or _SCHEME.match(path) or _TEMPLATE.search(path):
        return None
    path = unquote(path)
    folder = "" if path.startswith("/") else posixpath.dirname(source)
    return posixpath.normpath(posixpath.join(folder, path.lstrip("/") or "."))


def _named(text: str) -> Iterator[tuple[int, str]]:
    for number, line in _prose(text):
        for found in islice(_LINK.finditer(line), 200):
            yield number, found[1] or found[2]
        for found in islice(_SOURCE.finditer(line), 200):
            yield number, found[1]
        if definition := _DEFINITION.match(line):
            yield number, definition[1]


def _prose(text: str) -> Iterator[tuple[int, str]]:
    """The lines outside code blocks, code spans in them removed."""
    fence, before, in_list = "", "", False
    for number, line in enumerate(text.split("\n", MAX_LINES)[:MAX_LINES], start=1):
        mark = _FENCE.match(line)
        if fence:
            if mark and mark[1].startswith(fence) and not mark[2].strip():
                fence = ""
            continue
        if mark and not (mark[1][0] == "`" and "`" in mark[2]):
            fence = mark[1]
            continue
        in_list = bool(_LIST_ITEM.match(line)) or (
            in_list and (not line.strip() or line[0] in " \t")
        )
        if not before.strip() and not in_list and line.startswith(("    ", "\t")):
            continue
        before = line
        yield number, without_code(line[:MAX_LINE])


def without_code(line: str) -> str:
    """The line without its code spans: from a run of backticks to the next run as long."""
    runs = list(_TICKS.finditer(line))
    later: dict[int, list[int]] = {}
    for index in reversed(range(len(runs))):
        later.setdefault(len(runs[index][0]), []).append(index)
    kept, at, index = [], 0, 0
    while index < len(runs):
        length = len(runs[index][0])
        same = later[length]
        while same and same[-1] <= index:
            same.pop()
        if same:
            kept.append(line[at : runs[index].start()])
            index = same[-1]
            at = runs[index].end()
        index += 1
    return "".join([*kept, line[at:]])
