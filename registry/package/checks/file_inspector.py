"""Reads one file of a package once, in chunks, and judges what it holds."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from registry.package.checks import extensions
from registry.package.checks.encoding import TextForm
from registry.package.checks.executables import HEAD, PeProbe, program_kind
from registry.package.checks.secrets import Budget, SecretScanner
from registry.package.findings import FindingList
from registry.package.limits import PackageLimits

FileKind = Literal["markdown", "text", "image", "binary"]

_IMAGE_STARTS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a")


@dataclass(frozen=True, slots=True)
class PackageFile:
    """A file as it is in the package; `sha256` is lowercase hex."""

    path: str
    size: int
    sha256: str
    kind: FileKind


class FileInspector:
    """Judges one file: give it the chunks in order, then ask for the result."""

    def __init__(
        self, path: str, keep: int, findings: FindingList, limits: PackageLimits, budget: Budget
    ) -> None:
        self.path = path
        self.kept = b""
        """The first `keep` bytes, as they are in the package."""
        self._keep = keep
        self._findings = findings
        self._limits = limits
        self._head = b""
        self._size = 0
        self._sha256 = hashlib.sha256()
        self._windows_program = PeProbe()
        self._secrets = SecretScanner(budget)
        self._secrets_found = 0
        self._form: TextForm | None = None

    def read(self, chunks: Iterable[bytes]) -> PackageFile:
        """Reads the file to its end, adds what there is to say to the findings."""
        for chunk in chunks:
            self._feed(chunk)
        self._report_secrets(last=True)
        kind = self._kind()
        self._report_program()
        self._report_size(kind)
        return PackageFile(self.path, self._size, self._sha256.hexdigest(), kind)

    def _feed(self, chunk: bytes) -> None:
        self._size += len(chunk)
        self._sha256.update(chunk)
        self._head += chunk[: max(0, HEAD - len(self._head))]
        self._windows_program.feed(chunk)
        if self._form is None:
            self._form = TextForm(chunk)
        self.kept += chunk[: max(0, self._keep - len(self.kept))]
        self._report_secrets(self._form.utf8(chunk))

    def _report_secrets(self, text: bytes = b"", *, last: bool = False) -> None:
        if self._secrets_found >= self._limits.findings_per_file:
            return
        for secret in self._secrets.finish() if last else self._secrets.feed(text):
            self._secrets_found += 1
            if self._secrets_found <= self._limits.findings_per_file:
                message = f"Looks like a secret: {secret.label}. Remove it and revoke it."
                self._findings.add("secret_detected", self.path, message, secret.line)

    def _kind(self) -> FileKind:
        extension = extensions.extension(self.path)
        is_text = self._form is None or self._form.is_text
        if self._head.startswith(_IMAGE_STARTS) or _is_webp(self._head):
            return "image"
        if is_text and extension == "svg":
            return "image"
        if is_text:
            return "markdown" if extension in extensions.MARKDOWN else "text"
        return "binary"

    def _report_program(self) -> None:
        program = program_kind(self._head)
        if program is None and self._windows_program.found:
            program = "a Windows program"
        if program:
            message = f"The file is {program}; packages hold texts and images only."
            self._findings.add("executable_binary", self.path, message)

    def _report_size(self, kind: FileKind) -> None:
        is_image = kind == "image" or extensions.extension(self.path) in extensions.IMAGES
        if is_image and self._size > self._limits.image_bytes:
            message = f"The image is larger than {self._limits.image_bytes} bytes."
            self._findings.add("asset_too_large", self.path, message)
        elif kind in ("text", "markdown") and self._size > self._limits.text_bytes:
            message = f"The text is larger than {self._limits.text_bytes} bytes."
            self._findings.add("text_file_large", self.path, message)


def _is_webp(head: bytes) -> bool:
    return head[:4] == b"RIFF" and head[8:12] == b"WEBP"
