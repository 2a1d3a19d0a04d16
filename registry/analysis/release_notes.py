"""What an author wrote about one version: its section of the package's CHANGELOG.md."""

import re
from collections.abc import Iterator, Mapping

CHANGELOG = "changelog.md"
_HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$")
_UNDERLINE = re.compile(r" {0,3}(=+|-+)[ \t]*$")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_LINK = re.compile(r"\]\([^()]*\)")
_BLOCK = re.compile(r"\s*$| {4}|\t| {0,3}(?:[-*+>]|\d{1,9}[.)])(?:\s|$)")

Heading = tuple[int, int, int, str]
"""Its first line, the line behind it, its level, its words."""


def release_notes_of(texts: Mapping[str, str], number: str) -> str:
    """The markdown under the version's own heading, without the heading; "" where there is none.
    ``texts`` are those of a package; its changelog lies at the root, in any case."""
    path = min((path for path in texts if path.lower() == CHANGELOG), default=None)
    return section_of(texts[path], number) if path else ""


def section_of(changelog: str, number: str) -> str:
    """From behind the first heading that names the number, up to the next one that is no deeper."""
    lines = changelog.replace("\r\n", "\n").split("\n")
    begin, level = 0, 0
    for start, end, depth, words in _headings(lines):
        if level and depth <= level:
            return "\n".join(lines[begin:start]).strip("\n")
        if not level and names(words, number):
            begin, level = end, depth
    return "\n".join(lines[begin:]).strip("\n") if level else ""


def names(words: str, number: str) -> bool:
    """Whether a heading is about this version: the number as a whole, with or without a v, in
    brackets or in a link; 1.2.0 is neither in 1.2.0-beta.1 nor in 11.2.0."""
    said = _LINK.sub("]", words)  # Addresses of comparisons name the version before, too.
    around = r"(?<![\w.+-])[vV]?{}(?![\w+]|[.-]\w)"
    return re.search(around.format(re.escape(number)), said) is not None


def _headings(lines: list[str]) -> Iterator[Heading]:
    """Headings of both kinds, those in fenced code left out."""
    fence = ""
    for place, line in enumerate(lines):
        opened = _FENCE.match(line)
        if fence:
            closes = opened and opened[1].startswith(fence) and not line.strip(" " + fence[0])
            fence = "" if closes else fence
        elif opened:
            fence = opened[1]
        elif found := _HEADING.match(line):
            yield place, place + 1, len(found[1]), found[2] or ""
        elif (found := _UNDERLINE.match(line)) and place and _may_be_title(lines[place - 1]):
            yield place - 1, place + 1, 1 if found[1][0] == "=" else 2, lines[place - 1]


def _may_be_title(line: str) -> bool:
    return not (_BLOCK.match(line) or _HEADING.match(line))
