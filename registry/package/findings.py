"""Findings: the faults of a package, errors before warnings."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from registry.package.checks.paths import make_printable

Severity = Literal["error", "warning"]

WARNINGS = frozenset(
    {
        *("unknown_extension", "text_file_large", "broken_reference", "too_many_findings"),
        *("not_utf8", "apple_double"),
    }
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of a package.

    `path` is a path in the package, or empty for the package as a whole. `line` counts from 1.
    `code` is part of the API and never changes; `message` may.
    """

    code: str
    severity: Severity
    path: str
    message: str
    line: int | None = None

    @property
    def is_error(self) -> bool:
        return self.severity == "error"

    def as_json(self) -> dict[str, str | int]:
        """Returns the finding as the API prints it, without `line` if it has none."""
        fields: dict[str, str | int] = {
            "code": self.code,
            "severity": self.severity,
            "path": self.path,
            "message": self.message,
        }
        if self.line is not None:
            fields["line"] = self.line
        return fields


def new_finding(code: str, path: str, message: str, line: int | None = None) -> Finding:
    """Returns a finding with the severity of its code and a path that is safe to show."""
    severity: Severity = "warning" if code in WARNINGS else "error"
    return Finding(code, severity, make_printable(path), message, line)


class FindingList:
    """Collects at most `limit` errors and `limit` warnings, and counts the rest."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.dropped_count = 0
        self._by_severity: dict[Severity, list[Finding]] = {"error": [], "warning": []}

    def add(self, code: str, path: str, message: str, line: int | None = None) -> None:
        self.extend([new_finding(code, path, message, line)])

    def extend(self, findings: Iterable[Finding]) -> None:
        for finding in findings:
            findings_of_kind = self._by_severity[finding.severity]
            # A finding without a path concerns the whole package. Thousands of faulty files must
            # not push it out of the list.
            if len(findings_of_kind) < self.limit or not finding.path:
                findings_of_kind.append(finding)
            else:
                self.dropped_count += 1

    def in_order(self) -> tuple[Finding, ...]:
        """Returns the findings: errors first, then by path and line.

        If there are more than `limit`, a last finding says how many are missing.
        """
        errors, warnings = self._by_severity["error"], self._by_severity["warning"]
        findings = [*sorted(errors, key=_position), *sorted(warnings, key=_position)]
        missing = self.dropped_count + max(0, len(findings) - self.limit)
        if not missing:
            return tuple(findings)
        note = new_finding("too_many_findings", "", f"{missing} more findings are not listed.")
        return (*findings[: self.limit], note)


def _position(finding: Finding) -> tuple[str, int, str, str]:
    return finding.path, finding.line or 0, finding.code, finding.message
