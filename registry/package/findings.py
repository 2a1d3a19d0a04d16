"""What the rules have to say about a package: one finding per fault, errors before warnings."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from registry.package.checks.paths import printable

Severity = Literal["error", "warning"]

WARNINGS = frozenset(
    {"unknown_extension", "text_file_large", "broken_reference", "too_many_findings"}
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault: `path` is a path in the package (or empty), `line` counts from 1."""

    code: str
    severity: Severity
    path: str
    message: str
    line: int | None = None

    def as_json(self) -> dict[str, str | int]:
        """The finding as the API prints it; `line` appears only when there is one."""
        shown: dict[str, str | int] = {
            "code": self.code,
            "severity": self.severity,
            "path": self.path,
            "message": self.message,
        }
        if self.line is not None:
            shown["line"] = self.line
        return shown


def finding(code: str, path: str, message: str, line: int | None = None) -> Finding:
    """A finding with the severity of its code, and a path that can be shown and stored."""
    severity: Severity = "warning" if code in WARNINGS else "error"
    return Finding(code, severity, printable(path), message, line)


class FindingList:
    """Collects up to `limit` errors and as many warnings, and counts what it had to drop."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.dropped = 0
        self._kept: dict[Severity, list[Finding]] = {"error": [], "warning": []}

    def add(self, code: str, path: str, message: str, line: int | None = None) -> None:
        self.extend([finding(code, path, message, line)])

    def extend(self, findings: Iterable[Finding]) -> None:
        for found in findings:
            kept = self._kept[found.severity]
            # What is said of the whole package (no path) is never crowded out by its files.
            if len(kept) < self.limit or not found.path:
                kept.append(found)
            else:
                self.dropped += 1

    def in_order(self) -> tuple[Finding, ...]:
        """Errors first, then by path and line; at most `limit`, the last says what was left out."""
        found = sorted(self._kept["error"], key=_place) + sorted(self._kept["warning"], key=_place)
        missing = self.dropped + max(0, len(found) - self.limit)
        if not missing:
            return tuple(found)
        note = finding("too_many_findings", "", f"{missing} more findings are not listed.")
        return (*found[: self.limit], note)


def _place(found: Finding) -> tuple[str, int, str, str]:
    return found.path, found.line or 0, found.code, found.message
