"""What is in a package, gathered and judged file by file."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from registry.package.archive.tar_reader import Member
from registry.package.checks import extensions
from registry.package.checks.encoding import decoded
from registry.package.checks.file_inspector import FileInspector, PackageFile
from registry.package.checks.paths import NameTree
from registry.package.checks.references import Reference, references
from registry.package.checks.secrets import Budget
from registry.package.findings import Finding, FindingList
from registry.package.limits import PackageLimits

MANIFEST = "agent.json"
README = "README.md"


@dataclass(frozen=True)
class Package:
    """What is in a package. `texts` has the beginnings of its text files, agent.json whole.

    `manifest_bytes` is None when there is no `agent.json` or it is too large to be one. When the
    package could not be read to its end, `complete` is False and files may be missing here.
    """

    files: tuple[PackageFile, ...]
    findings: tuple[Finding, ...]
    manifest_bytes: bytes | None
    texts: Mapping[str, str]
    texts_cut: frozenset[str] = frozenset()
    """The texts whose files go on behind what is kept."""
    complete: bool = True
    references: tuple[Reference, ...] = ()
    dropped: int = 0
    """How many findings were more than the list holds."""


class TooMany(Exception):
    """The package has more files or folders than the limits allow."""


@dataclass
class PackageBuilder:
    """Takes the members of a package one by one; `package()` is the result."""

    limits: PackageLimits
    complete: bool = True
    files: list[PackageFile] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    texts_cut: set[str] = field(default_factory=set)
    references: list[Reference] = field(default_factory=list)
    manifest_bytes: bytes | None = None

    def __post_init__(self) -> None:
        self.findings = FindingList(self.limits.findings)
        self._names = NameTree()
        self._budget = Budget(self.limits.secret_candidates)
        self._seen = 0
        self._kept_bytes = 0

    def package(self) -> Package:
        if self._budget.left < 0:
            message = "Too many values look like secrets to judge them all."
            self.findings.add("secret_detected", "", message)
        return Package(
            files=tuple(sorted(self.files, key=lambda file: file.path)),
            findings=self.findings.in_order(),
            manifest_bytes=self.manifest_bytes,
            texts=self.texts,
            texts_cut=frozenset(self.texts_cut),
            complete=self.complete,
            references=tuple(self.references),
            dropped=self.findings.dropped,
        )

    def stop(self, code: str, message: str) -> None:
        """The package cannot be read any further."""
        self.complete = False
        self.findings.add(code, "", message)

    def may_read(self, member: Member) -> bool:
        """Counts the member and says what is wrong with its name, kind and mode."""
        self._count()
        add = self.findings.add
        if member.problem:
            add("unsafe_path", member.path, f"The name {member.problem}.")
        if member.kind == "link":
            add("link", member.path, "Links are not allowed.")
        if member.kind == "special":
            add("special_file", member.path, "Only plain files and folders are allowed.")
        if member.problem or member.kind in ("link", "special") or not member.path:
            return False
        other = self._names.clash(member.path, is_folder=member.kind == "folder")
        if other is not None:
            add("duplicate_path", member.path, f"The name collides with {other!r}.")
        if member.kind == "file":
            self._judge_extension_and_mode(member)
        return member.kind == "file" and other is None

    def read_file(self, path: str, chunks: Iterable[bytes]) -> None:
        """Judges a file's content, and keeps what is needed of it."""
        if len(self.files) >= self.limits.files:
            raise TooMany(f"The package has more than {self.limits.files} files.")
        keep = self._bytes_to_keep(path)
        inspector = FileInspector(path, keep, self.findings, self.limits, self._budget)
        file = inspector.read(chunks)
        self.files.append(file)
        if path == MANIFEST:
            self._keep_manifest(file, inspector.kept)
        if file.kind in ("markdown", "text"):
            self._keep_text(file, inspector.kept)

    def _count(self) -> None:
        self._seen += 1
        most = 2 * self.limits.files
        if self._seen > most or len(self._names) > most:
            raise TooMany(f"The package has more than {most} files and folders.")

    def _judge_extension_and_mode(self, member: Member) -> None:
        add = self.findings.add
        extension = extensions.extension(member.path)
        if extension in extensions.BLOCKED:
            add("blocked_extension", member.path, f"Files that end in .{extension} are refused.")
        elif extensions.is_unknown(member.path):
            add("unknown_extension", member.path, "Agents are not usually made of such files.")
        if member.mode & 0o6111:
            add("executable_bit", member.path, "The file is marked as a program.")

    def _bytes_to_keep(self, path: str) -> int:
        if path == MANIFEST:
            return self.limits.manifest_bytes
        is_image = extensions.extension(path) in extensions.IMAGES
        return 0 if is_image else self.limits.kept_text_bytes

    def _keep_manifest(self, file: PackageFile, kept: bytes) -> None:
        if file.size <= self.limits.manifest_bytes:
            self.manifest_bytes = kept
        else:
            message = f"The file is larger than {self.limits.manifest_bytes} bytes."
            self.findings.add("schema_error", MANIFEST, message)

    def _keep_text(self, file: PackageFile, kept: bytes) -> None:
        """Keeps a text's beginning and, of markdown, the links in it, while there is room."""
        if file.path not in (README, MANIFEST):
            self._kept_bytes += len(kept)
            if self._kept_bytes > self.limits.all_kept_text_bytes:
                return
        self.texts[file.path] = decoded(kept)
        if file.size > len(kept):
            self.texts_cut.add(file.path)
        if file.kind == "markdown":
            room = self.limits.references - len(self.references)
            self.references.extend(references(file.path, self.texts[file.path], room))
