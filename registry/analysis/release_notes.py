"""Extract the release notes of one version from the package's CHANGELOG.md."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

CHANGELOG = "changelog.md"

_ATX_HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$")
_SETEXT_UNDERLINE = re.compile(r" {0,3}(=+|-+)[ \t]*$")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_LINK_TARGET = re.compile(r"\]\([^()]*\)")
# Blank lines, indented code, quotes and list items: an underline below them makes no heading.
_NOT_PARAGRAPH = re.compile(r"\s*$| {4}|\t| {0,3}(?:[-*+>]|\d{1,9}[.)])(?:\s|$)")


@dataclass(frozen=True, slots=True)
class ChangelogHeading:
    """``start`` is its first line, ``end`` the line after it; ``level`` is 1 to 6."""

    start: int
    end: int
    level: int
    text: str


def extract_release_notes(texts: Mapping[str, str], version: str) -> str:
    """Markdown below the version's heading; "" if there is none.

    ``texts`` are the package's texts by path. The changelog is at the root, in any letter case.
    """
    # The minimum makes the choice stable if several files differ only in letter case.
    path = min((path for path in texts if path.lower() == CHANGELOG), default=None)
    return extract_section(texts[path], version) if path else ""


def extract_section(changelog: str, version: str) -> str:
    """Text below the first heading that names the version; "" if there is none.

    The section ends at the next heading of the same or a higher level.
    """
    lines = changelog.replace("\r\n", "\n").split("\n")
    section: ChangelogHeading | None = None
    for heading in _headings(lines):
        if section and heading.level <= section.level:
            return "\n".join(lines[section.end : heading.start]).strip("\n")
        if not section and _names_version(heading.text, version):
            section = heading
    return "\n".join(lines[section.end :]).strip("\n") if section else ""


def _names_version(heading: str, version: str) -> bool:
    """Whether the heading has the version as a whole number, with or without a v.

    1.2.0 is named neither by 1.2.0-beta.1 nor by 11.2.0.
    """
    # A comparison link's target (`…/compare/1.1.0...1.2.0`) also names the previous version.
    text = _LINK_TARGET.sub("]", heading)
    pattern = rf"(?<![\w.+-])[vV]?{re.escape(version)}(?![\w+]|[.-]\w)"
    return re.search(pattern, text) is not None


def _headings(lines: list[str]) -> Iterator[ChangelogHeading]:
    """ATX (`## 1.2.0`) and Setext (underlined) headings outside fenced code."""
    open_fence = ""
    for number, line in enumerate(lines):
        fence = _FENCE.match(line)
        if open_fence:
            # A fence is closed by one at least as long, with nothing behind it.
            is_end = fence and fence[1].startswith(open_fence) and not line.strip(" " + fence[1][0])
            open_fence = "" if is_end else open_fence
        elif fence:
            open_fence = fence[1]
        elif heading := _ATX_HEADING.match(line):
            yield ChangelogHeading(number, number + 1, len(heading[1]), heading[2] or "")
        elif number and (underline := _SETEXT_UNDERLINE.match(line)):
            title = lines[number - 1]
            if not (_NOT_PARAGRAPH.match(title) or _ATX_HEADING.match(title)):
                yield ChangelogHeading(
                    number - 1, number + 1, 1 if underline[1][0] == "=" else 2, title
                )
