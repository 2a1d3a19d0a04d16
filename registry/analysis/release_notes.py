"""Extract the release notes of one version from the package's CHANGELOG.md."""

import textwrap
from collections.abc import Mapping, Sequence

from foundation.text.expressions import compile_text
from registry.analysis.changelog_headings import (
    ChangelogHeading,
    find_headings,
    find_version_lines,
)
from registry.analysis.changelog_versions import (
    has_version,
    is_same_version,
    prefix_before,
    version_behind,
    version_of,
)

CHANGELOG = "changelog.md"
MAX_LINES = 20_000

# A rule, an overline or a tag around the next section.
_SEPARATOR = compile_text(
    r"\s*(?:[-=~*_#^]{3,}|</?(?:details|div|p|ul|section)(?:\s[^<>]*)?>)?\s*$"
)
_DELIMITER_ROW = compile_text(r"\s*\|?[\s:|-]*-[\s:|-]*$")


def extract_release_notes(texts: Mapping[str, str], version: str) -> str:
    """Markdown below the version's heading; "" if there is none.

    ``texts`` are the package's texts by path. The changelog is at the root, in any letter case.
    """
    # The minimum makes the choice stable if several files differ only in letter case.
    path = min((path for path in texts if path.lower() == CHANGELOG), default=None)
    if path is None:
        return ""
    # Changelogs seldom have the build of a version: `1.2.0` for `1.2.0+build.5`.
    return extract_section(texts[path], version) or extract_section(
        texts[path], version.partition("+")[0]
    )


def extract_section(changelog: str, version: str) -> str:
    """Text below the heading of the version; "" if there is none.

    A heading that is the version (`## [1.2.0] - 2026-11-01`) goes before one that is a part of it
    (`## 1.2`) and one that mentions it (`## Coach 1.2.0`). The section ends at the heading of
    another version, whatever its level, or at a heading of the same or a higher level without a
    version. *Upgrading from 1.1.0* ends nothing, unless the section began at such a heading. A
    changelog without such headings may have the version on a line or in a row of a table.
    """
    text = changelog.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n", MAX_LINES)[:MAX_LINES]
    headings = list(find_headings(lines))
    start = _find_start(headings, version)
    if start is not None:
        return _section(lines, headings, start, version)
    version_lines = list(find_version_lines(lines))
    start = _find_start(version_lines, version)
    if start is not None:
        # A list of versions may be followed by headings of other things.
        headings_in_order = sorted([*version_lines, *headings], key=lambda heading: heading.start)
        return _section(
            lines, headings_in_order, headings_in_order.index(version_lines[start]), version
        )
    return _table_row(lines, version)


def _find_start(headings: Sequence[ChangelogHeading], version: str) -> int | None:
    numbers = [version_of(heading.text) for heading in headings]
    if version in numbers:
        return numbers.index(version)
    for index, number in enumerate(numbers):
        if is_same_version(number, version):
            return index
    mentions = (n for n, h in enumerate(headings) if prefix_before(h.text, version) is not None)
    return next(mentions, None)


def _section(
    lines: list[str], headings: Sequence[ChangelogHeading], start: int, version: str
) -> str:
    section = headings[start]
    later_headings = headings[start + 1 :]
    end = next((h.start for h in later_headings if _ends(h, section, version)), len(lines))
    body = lines[section.end : end]
    while body and _SEPARATOR.match(body[-1]):
        body.pop()
    if section.style == "list":
        body = textwrap.dedent("\n".join(body)).split("\n")
    return "\n".join([*filter(None, [section.trailing_text]), *body]).strip("\n")


def _ends(heading: ChangelogHeading, section: ChangelogHeading, version: str) -> bool:
    other_version = version_of(heading.text)
    if not other_version and not version_of(section.text):
        other_version = version_behind(heading.text, prefix_before(section.text, version) or "")
    is_deeper = heading.level > section.level
    if other_version:
        # Below the section, "2.5 times faster" is no version; one of three numbers is.
        is_number = not is_deeper or other_version.count(".") > 1
        return is_number and not is_same_version(other_version, version)
    # A line above `---` is a heading in markdown, but in a text with `##` it was meant as a line.
    is_accident = heading.style == "setext" and section.style not in ("setext", "rst")
    return not (is_deeper or is_accident or has_version(heading.text))


def _table_row(lines: Sequence[str], version: str) -> str:
    """The row of a table that is about the version, with the head of the table."""
    head: list[str] = []
    for number, line in enumerate(lines):
        if "|" not in line:
            head = []
        elif number and _DELIMITER_ROW.match(line):
            head = [lines[number - 1], line]
        elif head and version in line:
            cells = line.strip().strip("|").split("|", 2)[:2]
            if version in [version_of(cell.strip()) for cell in cells]:
                return "\n".join([*head, line])
    return ""
