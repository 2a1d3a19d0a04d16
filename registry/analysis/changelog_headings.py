"""The headings of a changelog, in the styles in which people write them.

Besides the headings of markdown there are those of HTML and reStructuredText, and lines that are
headings by their content only, such as a version in bold.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from foundation.text.expressions import compile_text
from registry.analysis.changelog_versions import has_version, version_of

Style = Literal["atx", "setext", "html", "rst", "list", "bold", "plain"]

_SETEXT_UNDERLINE = compile_text(r" {0,3}(=+|-+)[ \t]*$")
_FENCE = compile_text(r" {0,3}(`{3,}|~{3,})")
# Blank lines, indented code, quotes and list items: an underline below them makes no heading.
_NOT_PARAGRAPH = compile_text(r"\s*$| {4}|\t| {0,3}(?:[-*+>]|\d{1,9}[.)])(?:\s|$)")
_HTML = compile_text(
    r"\s*(?:<[a-z][^>]*>\s*)*<(?:h([1-6])|summary)(?:\s[^>]*)?>(.*?)</(?:h[1-6]|summary)>",
    ignore_case=True,
)
# Underlines of reStructuredText that markdown does not know.
_RST_UNDERLINE = compile_text(r"(?:~{3,}|\^{3,}|\"{3,}|'{3,}|\*{3,}|\+{3,}|#{3,}|:{3,}|\.{3,})\s*$")
_VERSION_LINE = compile_text(r"(#{1,6}| {0,3}[-*+][ \t]+)?(\*\*|__)?(.*)$")
# What may stand behind the version on a line that is a heading by its content.
_MAX_PLAIN_LINE = 60
_SENTENCE = compile_text(r"[a-z]{2,} [a-z]{2,} [a-z]{2,}", ignore_case=True)
MAX_HEADING = 500
_MARKS = ("#", "=", "-", "`", "~", "<")


@dataclass(frozen=True, slots=True)
class ChangelogHeading:
    """`start` is its first line, `end` the line after it; `level` is 1 to 6.

    `rest` is text on the line of the heading that belongs to the section. Of a long heading, `text`
    has the beginning.
    """

    start: int
    end: int
    level: int
    text: str
    style: Style
    trailing_text: str = ""


def find_headings(lines: list[str]) -> Iterator[ChangelogHeading]:
    """Yields the headings outside fenced code and comments."""
    for heading in _find_headings(lines):
        yield replace(heading, text=heading.text[:MAX_HEADING])


def _find_headings(lines: list[str]) -> Iterator[ChangelogHeading]:
    for number, line in _prose(lines):
        previous = lines[number - 1] if number else ""
        if _is_rst_underline(line, previous) and has_version(previous):
            yield ChangelogHeading(number - 1, number + 1, 2, previous, "rst")
        elif not line.lstrip(" ").startswith(_MARKS):
            continue
        elif heading := read_atx_heading(line):
            level, text = heading
            yield ChangelogHeading(number, number + 1, level, text, "atx")
        elif number and (underline := _SETEXT_UNDERLINE.match(line)):
            if not (_NOT_PARAGRAPH.match(previous) or read_atx_heading(previous)):
                level = 1 if underline[1][0] == "=" else 2
                yield ChangelogHeading(number - 1, number + 1, level, previous, "setext")
        elif match := _HTML.match(line):
            level = int(match[1] or 2)
            remainder = line[match.end() :].strip()
            yield ChangelogHeading(number, number + 1, level, match[2], "html", remainder)


def find_version_lines(lines: list[str]) -> Iterator[ChangelogHeading]:
    """Yields lines that begin with a version and are no headings of markdown."""
    for number, line in _prose(lines):
        match = _VERSION_LINE.match(line[:MAX_HEADING])
        if match is None or not version_of(match[3]):
            continue
        is_first = not number or not lines[number - 1].strip()
        is_short = len(line) <= _MAX_PLAIN_LINE and not _SENTENCE.search(line)
        mark = (match[1] or "").strip()
        if mark in ("-", "*", "+"):
            style: Style = "list"
        elif match[2]:
            style = "bold"
        elif is_first and is_short:
            style = "plain"
        else:
            continue
        yield ChangelogHeading(number, number + 1, 2, match[3], style, _trailing_sentence(line))


def _trailing_sentence(text: str) -> str:
    """Returns the sentence behind a version on the same line, if there is one."""
    for mark in ("** ", "__ ", ": ", " - ", " – ", " — "):  # noqa: RUF001
        _, separator, remainder = text.partition(mark)
        remainder = remainder.lstrip(" :–—-")  # noqa: RUF001
        if separator and remainder and not has_version(remainder) and not remainder[0].isdigit():
            return "" if remainder.startswith("(") else remainder
    return ""


def _is_rst_underline(line: str, title: str) -> bool:
    """Whether a line underlines a title; three tildes below a word begin a code block."""
    length, title = len(line.strip()), title.strip()
    if not title or not _RST_UNDERLINE.match(line):
        return False
    return length >= len(title) if has_version(title) else length == len(title) > 3


def _prose(lines: list[str]) -> Iterator[tuple[int, str]]:
    """Yields the numbered lines outside fenced code and comments."""
    open_fence, in_comment = "", False
    for number, line in enumerate(lines):
        if in_comment:
            in_comment = "-->" not in line
            continue
        fence = _FENCE.match(line)
        if open_fence:
            # A fence is closed by one at least as long, with nothing behind it.
            is_end = fence and fence[1].startswith(open_fence) and not line.strip(" " + fence[1][0])
            open_fence = "" if is_end else open_fence
        elif fence and not _is_rst_underline(line, lines[number - 1] if number else ""):
            open_fence = fence[1]
        else:
            in_comment = "<!--" in line and "-->" not in line.rpartition("<!--")[2]
            yield number, line


def read_atx_heading(line: str) -> tuple[int, str] | None:
    """Level and text of `## A heading ##`, or None."""
    content = line.lstrip(" ")
    text = content.lstrip("#")
    level = len(content) - len(text)
    if len(line) - len(content) > 3 or not 1 <= level <= 6 or (text and text[0] not in " \t"):
        return None
    text = text.strip(" \t")
    title = text.rstrip("#")
    is_closed = not title or title[-1] in " \t"
    return level, title.rstrip(" \t") if is_closed else text
