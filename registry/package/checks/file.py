"""Checks one file of a package in a single pass over its bytes."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from registry.package.checks.encoding import TextDecoder, Utf8Probe, guess_encoding
from registry.package.checks.executables import HEAD_BYTES, WindowsProgramProbe, detect_program
from registry.package.checks.extensions import IMAGES, MARKDOWN, TEXTS, get_extension
from registry.package.checks.private_keys import is_key_file
from registry.package.checks.secrets import CandidateBudget, SecretScanner
from registry.package.checks.seven_bit import find_seven_bit_text
from registry.package.findings import FindingList
from registry.package.limits import PackageLimits, format_bytes
from registry.package.manifest.schema import MANIFEST

FileKind = Literal["markdown", "text", "image", "binary"]

APPLE_DOUBLE = b"\x00\x05\x16\x07"
_IMAGE_STARTS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a")


@dataclass(frozen=True, slots=True)
class PackageFile:
    """A file of a package. `sha256` is lowercase hex, `size` is in bytes."""

    path: str
    size: int
    sha256: str
    kind: FileKind


class FileScanner:
    """Scans one file: its digest and kind, programs, secrets, sizes."""

    def __init__(
        self,
        path: str,
        excerpt_bytes: int,
        findings: FindingList,
        limits: PackageLimits,
        budget: CandidateBudget,
    ) -> None:
        self.excerpt = b""
        """The first bytes of the file, at most `excerpt_bytes`, not decoded."""
        self._path = path
        self._excerpt_bytes = excerpt_bytes
        self._findings = findings
        self._limits = limits
        self._head = b""
        self._size = 0
        self._sha256 = hashlib.sha256()
        self._windows_probe = WindowsProgramProbe()
        self._utf8_probe = Utf8Probe()
        self._secret_scanner = SecretScanner(budget)
        self._secret_count = 0
        self.shop_keys: set[str] = set()
        """SHA-256 of each key of this shop in the file."""
        self._decoder: TextDecoder | None = None

    def scan(self, chunks: Iterable[bytes]) -> PackageFile:
        """Reads the file to its end and adds its faults to the findings."""
        for chunk in chunks:
            self._feed(chunk)
        self._report_secrets(at_end=True)
        kind = self._detect_kind()
        self._report_size(kind)
        if kind == "binary" and is_key_file(self._head):
            message = "This looks like a private key. Remove the file, and revoke the key."
            self._findings.add("secret_detected", self._path, message, 1)
        # The manifest has a finding of its own if it cannot be read.
        if not self._report_program() and self._path != MANIFEST:
            self._report_encoding(kind)
        return PackageFile(self._path, self._size, self._sha256.hexdigest(), kind)

    def _feed(self, chunk: bytes) -> None:
        self._size += len(chunk)
        self._sha256.update(chunk)
        # Only a beginning is kept: a file may have a hundred megabytes.
        self._head += chunk[: max(0, HEAD_BYTES - len(self._head))]
        self.excerpt += chunk[: max(0, self._excerpt_bytes - len(self.excerpt))]
        self._windows_probe.feed(chunk)
        self._utf8_probe.feed(chunk)
        if self._decoder is None:
            self._decoder = TextDecoder(chunk)
        self._report_secrets(self._decoder.to_utf8(chunk))

    def _report_secrets(self, text: bytes = b"", *, at_end: bool = False) -> None:
        limit = self._limits.findings_per_file
        # A file full of tokens has said enough, and each costs time.
        if self._secret_count >= limit:
            return
        scanner = self._secret_scanner
        for secret in scanner.finish() if at_end else scanner.feed(text):
            self._secret_count += 1
            self.shop_keys |= {secret.shop_key} - {""}
            if self._secret_count <= limit:
                message = (
                    f"This looks like a secret: {secret.label}. Remove it from the file, and"
                    " revoke it if it was real."
                )
                self._findings.add("secret_detected", self._path, message, secret.line)

    def _detect_kind(self) -> FileKind:
        head, extension = self._head, get_extension(self._path)
        is_webp = head[:4] == b"RIFF" and head[8:12] == b"WEBP"
        # By the bytes and not by the name, which a stranger has chosen.
        if head.startswith(_IMAGE_STARTS) or is_webp:
            return "image"
        if self._decoder is not None and not self._decoder.is_text:
            return "binary"
        # An SVG is text, so its bytes do not tell it from other XML.
        if extension == "svg":
            return "image"
        return "markdown" if extension in MARKDOWN else "text"

    def _report_program(self) -> bool:
        program = detect_program(self._head)
        if program is None and self._windows_probe.is_program:
            program = "a Windows program"
        if program:
            message = f"The file is {program}. A package may contain only texts and images."
            self._findings.add("executable_binary", self._path, message)
        return program is not None

    def _report_encoding(self, kind: FileKind) -> None:
        self._utf8_probe.feed(b"", at_end=True)
        line, extension = self._utf8_probe.bad_line, get_extension(self._path)
        if self._path.rpartition("/")[2].startswith("._") and self._head.startswith(APPLE_DOUBLE):
            message = (
                "macOS put this file beside the real one. Pack with COPYFILE_DISABLE=1 to leave it"
                " out."
            )
            self._findings.add("apple_double", self._path, message, 1)
        elif kind in ("binary", "image") and extension in TEXTS:
            message = "The name says text, the bytes do not: a model gets nothing readable."
            self._findings.add("not_utf8", self._path, message, line or 1)
        elif kind in ("markdown", "text") and line:
            encoding = guess_encoding(self._head, self._utf8_probe.sample)
            guess = f" (perhaps {encoding})" if encoding else ""
            message = (
                f"The text is not UTF-8{guess}: a model gets replacement characters from this line"
                " on. Save it as UTF-8."
            )
            self._findings.add("not_utf8", self._path, message, line)
        elif kind in ("markdown", "text"):
            encoding, line = find_seven_bit_text(self.excerpt)
            if encoding:
                message = f"The text is {encoding}: a model gets its escapes. Save it as UTF-8."
                self._findings.add("not_utf8", self._path, message, line)

    def _report_size(self, kind: FileKind) -> None:
        is_image = kind == "image" or get_extension(self._path) in IMAGES
        if is_image and self._size > self._limits.image_bytes:
            limit = format_bytes(self._limits.image_bytes)
            message = f"The image is larger than {limit}."
            self._findings.add("asset_too_large", self._path, message)
        elif kind in ("text", "markdown") and self._size > self._limits.text_bytes:
            limit = format_bytes(self._limits.text_bytes)
            message = f"The text is larger than {limit}."
            self._findings.add("text_file_large", self._path, message)
