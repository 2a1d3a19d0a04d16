"""Finds relative links in markdown, also in images, definitions and HTML.

It reads line by line in linear time, because hostile text can slow a full markdown parser down. A
link that it misses costs only a warning.
"""

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from urllib.parse import unquote

from foundation.text.expressions import compile_text

_FENCE = compile_text(r"[ \t>]*(?:[-*+] |\d{1,9}[.)] )?[ \t]*(`{3,}|~{3,})(.*)")
_LIST_ITEM = compile_text(r"[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]")
_LINK = compile_text(r"\]\([ \t]*(?:<([^<>]+)>|([^\s()<>]+(?:\([^\s()]*\))?[^\s()<>]*)[ \t)])")
_DEFINITION = compile_text(r" {0,3}\[[^\[\]^][^\[\]]{0,254}\]:[ \t]*<?([^\s<>]+)")
_ATTRIBUTE = compile_text(r"\b(?:src|href)[ \t]*=[ \t]*[\"']([^\"'<>]+)[\"']", ignore_case=True)
_SCHEME = compile_text(r"[A-Za-z][A-Za-z0-9+.-]*:|//")
_TEMPLATE_SYNTAX = frozenset("{}$*|\\\0")
_LIST_MARKERS = frozenset("-*+0123456789")
_LINK_SIGNS = ("](", "]:", "=")
"""Each link has one of them: cheap to look for, and most lines have none."""
MAX_HREF = 1_024
LINKS_PER_REFERENCE = 5
"""Links that are read for each one that counts: others are the same again, or lead elsewhere."""
MAX_LINE = 20_000
MAX_LINES = 20_000
MAX_LINKS_PER_LINE = 200


@dataclass(frozen=True, slots=True)
class Reference:
    """A link on a line of the file `source`.

    `href` is the link as it is written, `target` the path in the package that it means. `line`
    counts from 1.
    """

    source: str
    href: str
    target: str
    line: int


def find_references(source: str, text: str, limit: int) -> list[Reference]:
    """Returns the first relative links of a markdown file, each spelling once."""
    references: list[Reference] = []
    hrefs: set[str] = set()
    for line, href in islice(_find_links(text), LINKS_PER_REFERENCE * limit):
        if len(references) >= limit:
            break
        if href not in hrefs and (target := resolve_href(source, href)) is not None:
            references.append(Reference(source, href, target, line))
        hrefs.add(href)
    return references


def resolve_href(source: str, href: str) -> str | None:
    """Returns the path that a link in `source` means, or None for a URL or anchor.

    A path that leaves the package keeps its leading `..`.
    """
    return join_folder(posixpath.dirname(source), href)


def join_folder(folder: str, href: str) -> str | None:
    """Returns the path that a link in a file of this folder means, or None."""
    path = href.strip().partition("#")[0].partition("?")[0]
    if not path or _SCHEME.match(path) or not _TEMPLATE_SYNTAX.isdisjoint(path):
        return None
    path = unquote(path)
    folder = "" if path.startswith("/") else folder
    return posixpath.normpath(posixpath.join(folder, path.lstrip("/") or "."))


def _find_links(text: str) -> Iterator[tuple[int, str]]:
    links = ((line, href) for line, href in _find_all_links(text) if len(href) <= MAX_HREF)
    yield from links


def _find_all_links(text: str) -> Iterator[tuple[int, str]]:
    # Most texts have no link, and this is much quicker than the expressions.
    if not any(sign in text for sign in _LINK_SIGNS):
        return
    for number, line in _prose_lines(text):
        if "](" in line:
            for match in islice(_LINK.finditer(line), MAX_LINKS_PER_LINE):
                yield number, match[1] or match[2]
        if "=" in line:
            for match in islice(_ATTRIBUTE.finditer(line), MAX_LINKS_PER_LINE):
                yield number, match[1]
        if "]:" in line and (definition := _DEFINITION.match(line)):
            yield number, definition[1]


def _prose_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yields the numbered lines outside code blocks, without code spans."""
    fence, previous, in_list = "", "", False
    for number, line in enumerate(text.split("\n", MAX_LINES)[:MAX_LINES], start=1):
        mark = _FENCE.match(line) if "```" in line or "~~~" in line else None
        if fence:
            if mark and mark[1].startswith(fence) and not mark[2].strip():
                fence = ""
            continue
        # A backtick fence must not have another backtick on its line: that is a code span.
        if mark and not (mark[1][0] == "`" and "`" in mark[2]):
            fence = mark[1]
            continue
        may_be_item = line.lstrip(" \t")[:1] in _LIST_MARKERS
        in_list = (may_be_item and bool(_LIST_ITEM.match(line))) or (
            in_list and (not line.strip() or line[0] in " \t")
        )
        # An indented line after an empty one is a code block, except in a list.
        if not previous.strip() and not in_list and line.startswith(("    ", "\t")):
            continue
        previous = line
        yield number, remove_code_spans(line[:MAX_LINE])


def remove_code_spans(line: str) -> str:
    """Returns the line without its code spans.

    A span reaches from a run of backticks to the next run of the same length. An index of the runs
    by length keeps this linear.
    """
    runs = list(_backtick_runs(line))
    runs_by_length: dict[int, list[int]] = {}
    for index in reversed(range(len(runs))):
        runs_by_length.setdefault(runs[index][1], []).append(index)
    parts, start, index = [], 0, 0
    while index < len(runs):
        closing_runs = runs_by_length[runs[index][1]]
        while closing_runs and closing_runs[-1] <= index:
            closing_runs.pop()
        if closing_runs:
            parts.append(line[start : runs[index][0]])
            index = closing_runs[-1]
            start = sum(runs[index])
        index += 1
    return "".join([*parts, line[start:]])


def _backtick_runs(line: str) -> Iterator[tuple[int, int]]:
    """Yields position and length of each run of backticks."""
    start = line.find("`")
    while start != -1:
        end = start + 1
        while end < len(line) and line[end] == "`":
            end += 1
        yield start, end - start
        start = line.find("`", end)
