"""Findings: the faults of a package, errors before warnings."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from registry.package.checks.paths import make_printable

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class FindingRule:
    """A finding code: its severity, its meaning, and the remedy for an author."""

    code: str
    severity: Severity
    meaning: str
    remedy: str


# In the order of the guide: errors of the archive, of agent.json and of files, then warnings.
FINDING_RULES = (
    FindingRule(
        "archive_unreadable",
        "error",
        "The archive is empty, damaged, or two programs could read it differently.",
        "Pack the folder again with `clawstore pack` or `tar -czf`.",
    ),
    FindingRule(
        "package_too_large",
        "error",
        "The archive or its unpacked content exceeds a size limit.",
        "Remove large files; put data where the agent can fetch it.",
    ),
    FindingRule(
        "too_many_files",
        "error",
        "The package has more files and folders than the limit.",
        "Leave out what the agent does not need, or join small files.",
    ),
    FindingRule(
        "package_too_costly",
        "error",
        "The check of a file took more time or memory than it may.",
        "Simplify or split the file that the finding names.",
    ),
    FindingRule(
        "unsafe_path",
        "error",
        "A name is absolute, leaves the package, or has characters that a disk cannot store.",
        "Rename the file to a relative path without backslashes, control or unseen characters.",
    ),
    FindingRule(
        "link",
        "error",
        "A symbolic or hard link.",
        "Pack the file itself instead of a link to it.",
    ),
    FindingRule(
        "special_file",
        "error",
        "A device, a pipe or a socket.",
        "Remove it: packages contain only files and folders.",
    ),
    FindingRule(
        "duplicate_path",
        "error",
        "Two names that are the same on some disks, such as Notes.md and notes.md.",
        "Rename one of them.",
    ),
    FindingRule(
        "operator_file",
        "error",
        "A file at a path that belongs to the operator, such as MEMORY.md or memory/.",
        "Remove it. Map a template to USER.md instead, and leave memory to the agent.",
    ),
    FindingRule(
        "manifest_missing",
        "error",
        "There is no agent.json at the root of the package.",
        "Pack the content of the folder, not the folder itself.",
    ),
    FindingRule(
        "manifest_mismatch",
        "error",
        "agent.json in the package differs from the metadata sent with it.",
        "Pack and publish again, without an edit between the two.",
    ),
    FindingRule(
        "manifest_limit",
        "error",
        "A value of agent.json is larger than its limit.",
        "Shorten the value that the finding names.",
    ),
    FindingRule(
        "schema_error",
        "error",
        "agent.json breaks a rule of the format, or its category does not exist.",
        "Correct the value at the line that the finding names.",
    ),
    FindingRule(
        "entrypoint_missing",
        "error",
        "openclaw.entrypoints names a file that is not in the package.",
        "Add the file, or correct the path.",
    ),
    FindingRule(
        "template_missing",
        "error",
        "openclaw.templates names a file that is not in the package.",
        "Add the file, or correct the path.",
    ),
    FindingRule(
        "blocked_extension",
        "error",
        "A file of a type that a computer may run.",
        "Remove it: packages contain no programs and no scripts.",
    ),
    FindingRule(
        "executable_bit",
        "error",
        "A file is marked as executable.",
        "Run `chmod a-x` on it and pack again.",
    ),
    FindingRule(
        "executable_binary",
        "error",
        "The content of a file is a program, whatever its name.",
        "Remove it.",
    ),
    FindingRule(
        "secret_detected",
        "error",
        "A text looks like a real key, token, password or private key.",
        (
            "Remove it and revoke it at its provider. In examples write a placeholder, "
            "such as `<your key>`."
        ),
    ),
    FindingRule(
        "asset_invalid",
        "error",
        "An icon or screenshot is not a valid picture, or agent.json does not name it.",
        "Save it again as PNG, JPEG, WebP or plain SVG, and name it in store.",
    ),
    FindingRule(
        "asset_too_large",
        "error",
        "A picture has too many bytes.",
        "Make it smaller.",
    ),
    FindingRule(
        "unknown_extension",
        "warning",
        "A file of a type that packages do not usually contain.",
        "Nothing, if the agent needs it; otherwise remove it.",
    ),
    FindingRule(
        "text_file_large",
        "warning",
        "A very long text file.",
        "Split it: a model seldom reads a text of this length well.",
    ),
    FindingRule(
        "broken_reference",
        "warning",
        "A link to a file that is not in the package, or a picture of store that is missing.",
        "Add the file, or correct the link.",
    ),
    FindingRule(
        "not_utf8",
        "warning",
        "A text that is not UTF-8. A model may see other characters than its author.",
        "Save it as UTF-8 without a byte order mark.",
    ),
    FindingRule(
        "apple_double",
        "warning",
        "A file of macOS with attributes of another file.",
        "Pack with `COPYFILE_DISABLE=1`, or delete the files that begin with `._`.",
    ),
    FindingRule(
        "too_many_findings",
        "warning",
        "There are more findings than are listed.",
        "Correct the listed ones and check again.",
    ),
)
WARNINGS = frozenset(rule.code for rule in FINDING_RULES if rule.severity == "warning")


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
        # Sorted, so that the same bytes give the same report, in whatever order they were read.
        errors, warnings = self._by_severity["error"], self._by_severity["warning"]
        findings = [*sorted(errors, key=_position), *sorted(warnings, key=_position)]
        missing_count = self.dropped_count + max(0, len(findings) - self.limit)
        if not missing_count:
            return tuple(findings)
        note = new_finding(
            "too_many_findings", "", f"{missing_count} more findings are not listed."
        )
        return (*findings[: self.limit], note)


def _position(finding: Finding) -> tuple[str, int, str, str]:
    return finding.path, finding.line or 0, finding.code, finding.message


def missing_image_text(kind: str, path: str) -> str:
    """Returns the message of the finding about an image that is missing."""
    return f"store names the {kind} {path}, which is missing."
