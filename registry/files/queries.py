"""The files of a version: what is in the package, one of its texts, the bytes of one."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import BinaryIO

from django.core.files.storage import default_storage
from django.db.models import QuerySet

from registry.agents.queries import refuse_withheld
from registry.analysis.model import Analysis, PromptFile
from registry.analysis.source_html import syntax_of
from registry.errors import BytesMissing, FileNotInPackage
from registry.files.rendered import VIEW_RULES
from registry.models import FileView, Version, VersionFile
from registry.package.archive.gzip_stream import TooLarge, UnpackedStream, Unreadable
from registry.package.archive.tar_reader import TarReader
from registry.package.limits import PackageLimits
from registry.package.manifest.schema import RULE_SET

LIMITS = PackageLimits()
MOST_DEPTH = 8


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the tree: a file, or (without one) a folder. ``depth`` counts from 0."""

    name: str
    path: str
    depth: int
    file: VersionFile | None = None
    prompt: PromptFile | None = None


@dataclass(frozen=True, slots=True)
class FilePage:
    """One file; without a ``view`` it is no text, or too long to be kept as one."""

    file: VersionFile
    view: FileView | None
    prompt: PromptFile | None

    @property
    def line_count(self) -> int:
        return self.view.text.removesuffix("\n").count("\n") + 1 if self.view else 0


def files_of(version: Version) -> QuerySet[VersionFile]:
    """In the order of their paths. None where the bytes were never read (a bare import). Refuses
    those of a withheld version: a file's name can be what it is withheld for."""
    refuse_withheld(version)
    listed = VersionFile.objects.filter(version=version, rule_set=str(RULE_SET))
    return listed.order_by("path")


def tree_of(files: QuerySet[VersionFile], analysis: Analysis | None) -> list[Entry]:
    """Some files in the order of their paths as the lines of a tree, each folder before its own."""
    prompts = _by_path(analysis)
    entries: list[Entry] = []
    open_folders: list[str] = []
    for file in files:
        *folders, name = file.path.split("/")
        shared = _shared(open_folders, folders)
        for depth in range(shared, len(folders)):
            path = "/".join(folders[: depth + 1])
            entries.append(Entry(folders[depth], path, min(depth, MOST_DEPTH)))
        open_folders = folders
        depth = min(len(folders), MOST_DEPTH)
        entries.append(Entry(name, file.path, depth, file, prompts.get(file.path)))
    return entries


def _shared(one: list[str], other: list[str]) -> int:
    pairs = zip(one, other, strict=False)
    return next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _by_path(analysis: Analysis | None) -> dict[str, PromptFile]:
    return {file.path: file for file in analysis.prompt.files} if analysis else {}


def find_file(version: Version, path: str) -> VersionFile:
    """Refuses a path that is not in the package, and every file of a withheld version."""
    found = files_of(version).filter(path=path).first()
    if found is None:
        raise FileNotInPackage
    return found


def file_page(version: Version, path: str, analysis: Analysis | None) -> FilePage:
    file = find_file(version, path)
    view = FileView.objects.filter(
        sha256=file.sha256, syntax=syntax_of(path), rule_set=VIEW_RULES
    ).first()
    return FilePage(file, view, _by_path(analysis).get(path))


def open_file(version: Version, file: VersionFile) -> Iterator[bytes]:
    """The bytes of one file as they are in the stored package, in chunks, unpacked as they go."""
    try:
        stream: BinaryIO = default_storage.open_stream(version.tarball_r2_key)  # type: ignore[attr-defined]
    except FileNotFoundError as error:
        raise BytesMissing from error
    return _chunks_of(stream, file.path)


def _chunks_of(stream: BinaryIO, path: str) -> Iterator[bytes]:
    with closing(stream):
        reader = TarReader(UnpackedStream(stream, LIMITS), LIMITS)
        try:
            for member in reader:
                if member.path == path and member.kind == "file":
                    yield from reader.content()
                    return
        except (Unreadable, TooLarge) as error:  # Only if the stored bytes are not the published.
            raise BytesMissing from error
