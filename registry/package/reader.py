"""Reads a package, from a tarball or a folder, and checks each file in one pass.

A hostile package yields findings, never an exception, and costs bounded time and memory.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from foundation.sandbox.place import working_on
from registry.package.archive.errors import ArchiveError, TooManyFiles
from registry.package.archive.folder import FolderReader
from registry.package.archive.gzip_stream import UnpackedStream
from registry.package.archive.members import Archive, Member
from registry.package.archive.tar_reader import TarReader
from registry.package.checks.encoding import decode_excerpt
from registry.package.checks.extensions import BLOCKED_EXTENSIONS, IMAGES, get_extension, is_usual
from registry.package.checks.file import FileScanner, PackageFile
from registry.package.checks.paths import NameTree, fold_name
from registry.package.checks.pictures import SHOWN_EXTENSIONS, PictureSize, read_picture_size
from registry.package.checks.references import Reference, find_references
from registry.package.checks.secrets import CandidateBudget
from registry.package.findings import Finding, FindingList
from registry.package.host_files import is_operators_file
from registry.package.limits import PackageLimits, format_bytes
from registry.package.manifest.schema import MANIFEST

README = "README.md"


@dataclass(frozen=True)
class Package:
    """The files of a package and the findings about each of them.

    `texts` has the beginning of each text file by path; `truncated_texts` are those that go on
    after it. `manifest_bytes` is agent.json, or None if it is missing or too large. Unless
    `is_complete`, reading stopped early, and files are missing here. `dropped_count` is the number
    of findings that were left out. `shop_keys` has the SHA-256 of each key of this shop. `pictures`
    are the images that pages may show, by path.
    """

    files: tuple[PackageFile, ...]
    findings: tuple[Finding, ...]
    manifest_bytes: bytes | None
    texts: Mapping[str, str]
    truncated_texts: frozenset[str] = frozenset()
    is_complete: bool = True
    references: tuple[Reference, ...] = ()
    dropped_count: int = 0
    shop_keys: frozenset[str] = frozenset()
    pictures: Mapping[str, PictureSize] = field(default_factory=dict)


def read_tarball(stream: BinaryIO, limits: PackageLimits) -> Package:
    """Reads a gzipped tarball from the position of its stream, once and to the end."""
    return _read_archive(TarReader(UnpackedStream(stream, limits), limits), limits)


def read_folder(root: Path, limits: PackageLimits) -> Package:
    """Reads a folder as the tarball that would be packed from it. Raises OSError."""
    return _read_archive(FolderReader(root, limits), limits)


def _read_archive(archive: Archive, limits: PackageLimits) -> Package:
    builder = PackageBuilder(limits)
    try:
        for member in archive:
            if builder.accept(member):
                builder.add_file(member.path, archive.content())
    except ArchiveError as error:
        builder.stop(error)
    return builder.build()


@dataclass
class PackageBuilder:
    """Collects the members of an archive one by one."""

    limits: PackageLimits
    files: list[PackageFile] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    truncated_texts: set[str] = field(default_factory=set)
    references: list[Reference] = field(default_factory=list)
    manifest_bytes: bytes | None = None
    shop_keys: set[str] = field(default_factory=set)
    pictures: dict[str, PictureSize] = field(default_factory=dict)
    is_complete: bool = True

    def __post_init__(self) -> None:
        self.findings = FindingList(self.limits.findings)
        self._names = NameTree()
        self._budget = CandidateBudget(self.limits.secret_candidates)
        self._member_count = 0
        self._excerpts_bytes = 0

    def accept(self, member: Member) -> bool:
        """Checks name, kind and mode. Returns whether the content must be read."""
        self._member_count += 1
        # Folders and refused members cost memory, too, and names imply folders.
        limit = 2 * self.limits.files
        if self._member_count > limit or len(self._names) > limit:
            raise TooManyFiles(f"The package has more than {limit:,} files and folders.")
        add = self.findings.add
        if member.problem:
            add("unsafe_path", member.path, f"The name {member.problem}.")
        if member.kind == "link":
            add("link", member.path, "Links are not allowed. Pack the file itself.")
        if member.kind == "special":
            add("special_file", member.path, "Only regular files and folders are allowed.")
        if member.problem or member.kind in ("link", "special") or not member.path:
            return False
        existing_name = self._names.add(member.path, is_folder=member.kind == "folder")
        if existing_name is not None:
            message = f"The name collides with {existing_name!r} on some disks. Rename one of them."
            add("duplicate_path", member.path, message)
        # That folder is there anyway. A folder called MEMORY.md would take the place of the file.
        is_memory_folder = member.kind == "folder" and fold_name(member.path) == "memory"
        if is_operators_file(member.path) and not is_memory_folder:
            message = (
                "This path belongs to the operator, and an update would overwrite what is there."
                " Map a template to USER.md instead, and leave memory to the agent."
            )
            add("operator_file", member.path, message)
        if member.kind == "file":
            self._check_extension_and_mode(member)
        return member.kind == "file" and existing_name is None

    def _check_extension_and_mode(self, member: Member) -> None:
        add, extension = self.findings.add, get_extension(member.path)
        if extension in BLOCKED_EXTENSIONS:
            message = f"Files that end in .{extension} are not allowed: a computer may run them."
            add("blocked_extension", member.path, message)
        elif not is_usual(member.path):
            message = "Packages do not usually contain files of this type."
            add("unknown_extension", member.path, message)
        if member.mode & 0o6111:
            message = "The file is marked as executable. Run chmod a-x,ug-s on it."
            add("executable_bit", member.path, message)

    def add_file(self, path: str, chunks: Iterable[bytes]) -> None:
        """Checks the content of a file and collects what later steps need of it."""
        working_on(path)
        if len(self.files) >= self.limits.files:
            raise TooManyFiles(f"The package has more than {self.limits.files:,} files.")
        if path == MANIFEST:
            excerpt_bytes = self.limits.manifest_bytes
        else:
            is_unread = get_extension(path) in IMAGES - SHOWN_EXTENSIONS
            excerpt_bytes = 0 if is_unread else self.limits.excerpt_bytes
        scanner = FileScanner(path, excerpt_bytes, self.findings, self.limits, self._budget)
        file = scanner.scan(chunks)
        self.files.append(file)
        self.shop_keys |= scanner.shop_keys
        if path == MANIFEST:
            self._add_manifest(file, scanner.excerpt)
        if file.kind in ("markdown", "text"):
            self._add_text(file, scanner.excerpt)
        elif file.kind == "image":
            self._add_picture(file, scanner.excerpt)

    def _add_picture(self, file: PackageFile, excerpt: bytes) -> None:
        if get_extension(file.path) == "svg":
            # To check an SVG costs as much as to read a text.
            self._excerpts_bytes += len(excerpt)
            if self._excerpts_bytes > self.limits.all_excerpts_bytes:
                return
        size = read_picture_size(file.path, excerpt, file.size, self.limits)
        if size is not None:
            self.pictures[file.path] = size

    def _add_manifest(self, file: PackageFile, data: bytes) -> None:
        if file.size <= self.limits.manifest_bytes:
            self.manifest_bytes = data
        else:
            limit = format_bytes(self.limits.manifest_bytes)
            self.findings.add("schema_error", MANIFEST, f"{MANIFEST} is larger than {limit}.")

    def _add_text(self, file: PackageFile, excerpt: bytes) -> None:
        # The README and the manifest have pages of their own, so they are always included.
        if file.path not in (README, MANIFEST):
            self._excerpts_bytes += len(excerpt)
            if self._excerpts_bytes > self.limits.all_excerpts_bytes:
                return
        text = decode_excerpt(excerpt)
        self.texts[file.path] = text
        if file.size > len(excerpt):
            self.truncated_texts.add(file.path)
        if file.kind == "markdown":
            limit = self.limits.references - len(self.references)
            self.references.extend(find_references(file.path, text, limit))

    def stop(self, error: ArchiveError) -> None:
        """Records that the rest of the archive cannot be read."""
        self.is_complete = False
        self.findings.add(error.code, "", str(error))

    def build(self) -> Package:
        if self._budget.is_exceeded:
            message = "The package has too many values that look like secrets to check them all."
            self.findings.add("secret_detected", "", message)
        return Package(
            files=tuple(sorted(self.files, key=lambda file: file.path)),
            findings=self.findings.in_order(),
            manifest_bytes=self.manifest_bytes,
            texts=self.texts,
            truncated_texts=frozenset(self.truncated_texts),
            is_complete=self.is_complete,
            references=tuple(self.references),
            dropped_count=self.findings.dropped_count,
            shop_keys=frozenset(self.shop_keys),
            pictures=self.pictures,
        )
