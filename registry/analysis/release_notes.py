"""Extract the release notes of one version from the package's CHANGELOG.md."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from foundation.text.expressions import compile_text

CHANGELOG = "changelog.md"

_SETEXT_UNDERLINE = compile_text(r" {0,3}(=+|-+)[ \t]*$")
_FENCE = compile_text(r" {0,3}(`{3,}|~{3,})")
_SUFFIX = r"[0-9A-Za-z.-]*[0-9A-Za-z]"
_NUMBER = rf"\d+\.\d+(?:\.(?:\d+|x))?(?:-{_SUFFIX})?(?:\+{_SUFFIX})?"
_BEFORE = r"[\s\[(*_`]*"
# A dot and a digit would go on with the number.
_AFTER = r"(?:$|[\s\])*_`,:;|/]|[.-](?:\s|$))"
_VERSION_HEADING = compile_text(
    rf"^{_BEFORE}(?:\d{{4}}-\d\d-\d\d[\s:,|/-]*)?{_BEFORE}"
    rf"(?:(?:version|release|ver|rel)\b[\s.:]*)?{_BEFORE}v?\s?({_NUMBER}){_AFTER}",
    ignore_case=True,
)
_ANY_VERSION = compile_text(r"(?:^|[\s\[(v])\d+\.\d+\.\d+")
_LINK_TARGET = compile_text(r"\]\([^()]*\)")
# Blank lines, indented code, quotes and list items: an underline below them makes no heading.
_NOT_PARAGRAPH = compile_text(r"\s*$| {4}|\t| {0,3}(?:[-*+>]|\d{1,9}[.)])(?:\s|$)")
# Only lines that begin with these can be headings, underlines or fences.
_MARKS = ("#", "=", "-", "`", "~")


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
    """Text below the heading of the version; "" if there is none.

    A heading that is the version (`## [1.2.0] - 2026-11-01`) goes before one that mentions it
    (`## Coach 1.2.0`). The section ends at the heading of another version, whatever its level, or
    at a heading of the same or a higher level without a version. *Upgrading from 1.1.0* ends
    nothing.
    """
    lines = changelog.replace("\r\n", "\n").split("\n")
    headings = list(_headings(lines))
    start = next((n for n, h in enumerate(headings) if version_of(h.text) == version), None)
    if start is None:
        mentions = (n for n, h in enumerate(headings) if _names_version(h.text, version))
        start = next(mentions, None)
    if start is None:
        return ""
    section = headings[start]
    rest = headings[start + 1 :]
    end = next((h.start for h in rest if _ends(h, section, version)), len(lines))
    return "\n".join(lines[section.end : end]).strip("\n")


def _ends(heading: ChangelogHeading, section: ChangelogHeading, version: str) -> bool:
    other = version_of(heading.text)
    is_deeper = heading.level > section.level
    if other:
        # Below the section, "2.5 times faster" is no version; one of three numbers is.
        return other != version and (not is_deeper or other.count(".") > 1)
    return not is_deeper and not _ANY_VERSION.search(heading.text)


def version_of(heading: str) -> str:
    """The version that a heading is about; "" if it has none or only mentions one.

    The version comes first, or after a date, or after a word such as *Version* or *Release*.
    """
    match = _VERSION_HEADING.match(_LINK_TARGET.sub("]", heading))
    return match[1] if match else ""


def _names_version(heading: str, version: str) -> bool:
    """Whether the heading has the version as a whole number, with or without a v.

    1.2.0 is named neither by 1.2.0-beta.1 nor by 11.2.0.
    """
    # A comparison link's target (`…/compare/1.1.0...1.2.0`) also names the previous version.
    text = _LINK_TARGET.sub("]", heading)
    position = text.find(version)
    while position != -1:
        before, after = text[:position], text[position + len(version) :]
        if _may_precede(before) and _may_follow(after):
            return True
        position = text.find(version, position + 1)
    return False


def _may_precede(text: str) -> bool:
    last = text[-2:].rstrip("vV")[-1:] if text.endswith(("v", "V")) else text[-1:]
    return not (last.isalnum() or last in tuple("_.+-"))


def _may_follow(text: str) -> bool:
    first, second = text[:1], text[1:2]
    if first in tuple(".-"):
        return not (second.isalnum() or second == "_")
    return not (first.isalnum() or first in tuple("_+"))


def _headings(lines: list[str]) -> Iterator[ChangelogHeading]:
    """ATX (`## 1.2.0`) and Setext (underlined) headings outside fenced code."""
    open_fence = ""
    for number, line in enumerate(lines):
        if not line.lstrip(" ").startswith(_MARKS):
            continue
        fence = _FENCE.match(line)
        if open_fence:
            # A fence is closed by one at least as long, with nothing behind it.
            is_end = fence and fence[1].startswith(open_fence) and not line.strip(" " + fence[1][0])
            open_fence = "" if is_end else open_fence
        elif fence:
            open_fence = fence[1]
        elif heading := _read_atx_heading(line):
            level, text = heading
            yield ChangelogHeading(number, number + 1, level, text)
        elif number and (underline := _SETEXT_UNDERLINE.match(line)):
            title = lines[number - 1]
            if not (_NOT_PARAGRAPH.match(title) or _read_atx_heading(title)):
                yield ChangelogHeading(
                    number - 1, number + 1, 1 if underline[1][0] == "=" else 2, title
                )


def _read_atx_heading(line: str) -> tuple[int, str] | None:
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
