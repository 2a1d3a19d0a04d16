"""Checks a package on disk in a child process, with the limits of the server."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from foundation.sandbox.errors import TaskStopped
from foundation.sandbox.pool import ChildPool, Lane
from registry.package.costs import TASK_LIMITS, costly_finding
from registry.package.report import PackageReport, check_path

POOL = ChildPool("registry.package.offline:OfflineTasks")


@dataclass(frozen=True, slots=True)
class OfflineAnswer:
    """`problem` says why the path cannot be read."""

    report: PackageReport | None = None
    problem: str = ""


class OfflineTasks:
    def check(self, argument: str, files: Sequence[BinaryIO]) -> OfflineAnswer:
        try:
            return OfflineAnswer(check_path(Path(argument)))
        except OSError as error:
            return OfflineAnswer(problem=error.strerror or str(error))


def check_in_sandbox(path: Path) -> PackageReport:
    """Checks a package folder or a tarball. Raises OSError if it cannot be read."""
    with Lane(POOL, max_running=1, max_waiting=0, patience=0).session() as session:
        try:
            # A child has another working directory.
            answer = session.call(OfflineTasks.check, str(path.absolute()), limits=TASK_LIMITS)
        except TaskStopped as error:
            finding = costly_finding(error.reason, error.place)
            return PackageReport(None, (finding,), ())
    if answer.report is None:
        raise OSError(answer.problem)
    return answer.report
