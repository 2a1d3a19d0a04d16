"""Checks and packs files on disk in a child process, with the server's limits."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO, cast

from foundation.sandbox.errors import TaskStopped
from foundation.sandbox.outputs import create_memory_file
from foundation.sandbox.pool import ChildPool, Lane, Session
from registry.package.costs import TASK_LIMITS, costly_finding
from registry.package.findings import Finding
from registry.package.imports.records import (
    Conversion,
    ImportAnswer,
    ImportRequest,
    ImportSummary,
    SourceKind,
)
from registry.package.imports.session import ImportSession
from registry.package.report import PackageReport, check_path

POOL = ChildPool("registry.package.offline:OfflineTasks")
_ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06")


@dataclass(frozen=True, slots=True)
class OfflineAnswer:
    """`problem` says why the path cannot be read."""

    report: PackageReport | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class OfflinePlan:
    """`problem` says why the path cannot be read."""

    answer: ImportAnswer | None = None
    problem: str = ""


class OfflineTasks:
    def __init__(self) -> None:
        self._import = ImportSession()

    def check(self, argument: str, files: Sequence[BinaryIO]) -> OfflineAnswer:
        try:
            return OfflineAnswer(check_path(Path(argument)))
        except OSError as error:
            return OfflineAnswer(problem=error.strerror or str(error))

    def plan_import(self, argument: ImportRequest, files: Sequence[BinaryIO]) -> OfflinePlan:
        try:
            return OfflinePlan(self._import.plan(argument, files))
        except OSError as error:
            return OfflinePlan(problem=error.strerror or str(error))

    def convert_import(self, argument: ImportRequest, files: Sequence[BinaryIO]) -> Conversion:
        return self._import.convert(argument, files)


def check_in_sandbox(path: Path) -> PackageReport:
    """Checks a package folder or a tarball. Raises OSError if it cannot be read."""
    with _session() as session:
        try:
            # A child has another working directory.
            answer = session.call(OfflineTasks.check, str(path.absolute()), limits=TASK_LIMITS)
        except TaskStopped as error:
            return _refused(costly_finding(error.reason, error.place))
    if answer.report is None:
        raise OSError(answer.problem)
    return answer.report


@dataclass(frozen=True, slots=True)
class PackedFolder:
    """A package made from a source. `package` is empty if it has errors."""

    package: bytes
    summary: ImportSummary | None
    report: PackageReport


def plan_in_sandbox(path: Path) -> ImportAnswer:
    """Returns what a package of a source would be made of. Raises OSError."""
    with ExitStack() as files, _session() as session:
        request, streams = _open_source(path, files)
        return _plan(session, request, streams)


def pack_in_sandbox(path: Path) -> PackedFolder:
    """Makes a package from a folder, a zip or a tar, and checks it. Raises OSError."""
    with ExitStack() as files, _session() as session:
        request, streams = _open_source(path, files)
        try:
            answer = _plan(session, request, streams)
            if answer.findings:
                return PackedFolder(b"", answer.summary, _refused(*answer.findings))
            output = files.enter_context(create_memory_file(answer.output_bytes))
            conversion = session.call(
                OfflineTasks.convert_import,
                request,
                [cast(BinaryIO, output), *streams],
                limits=TASK_LIMITS,
            )
        except TaskStopped as error:
            return PackedFolder(b"", None, _refused(costly_finding(error.reason, error.place)))
        if conversion.findings:
            return PackedFolder(b"", answer.summary, _refused(*conversion.findings))
        output.seek(0)
        package = output.read(conversion.size)
    report = _check_bytes(package)
    return PackedFolder(package if report.is_accepted else b"", answer.summary, report)


@contextmanager
def _session() -> Iterator[Session]:
    with Lane(POOL, max_running=1, max_waiting=0, patience=0).session() as session:
        yield session


def _open_source(path: Path, files: ExitStack) -> tuple[ImportRequest, list[BinaryIO]]:
    if path.is_dir():
        return ImportRequest("folder", folder=str(path.absolute())), []
    stream = files.enter_context(path.open("rb"))
    kind: SourceKind = "zip" if stream.read(4) in _ZIP_STARTS else "tar"
    return ImportRequest(kind), [stream]


def _plan(session: Session, request: ImportRequest, streams: list[BinaryIO]) -> ImportAnswer:
    plan = session.call(OfflineTasks.plan_import, request, streams, limits=TASK_LIMITS)
    if plan.answer is None:
        raise OSError(plan.problem)
    return plan.answer


def _check_bytes(package: bytes) -> PackageReport:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "package.tgz"
        path.write_bytes(package)
        return check_in_sandbox(path)


def _refused(*findings: Finding) -> PackageReport:
    return PackageReport(None, findings, ())
