"""The sandbox of the registry: its lanes and limits, and what they refuse.

Everything that handles bytes of strangers goes through here (ADR 22).
"""

import logging
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import BinaryIO, TypeVar, cast

from django.conf import settings

from foundation.sandbox.errors import SandboxBusy, TaskStopped
from foundation.sandbox.limits import TaskLimits
from foundation.sandbox.pool import ChildPool, Lane, Session, Task
from registry.errors import PackageTooCostly, PublishingBusy
from registry.package.findings import new_finding

Argument = TypeVar("Argument")
Result = TypeVar("Result")

log = logging.getLogger("clawstore.sandbox")

PATIENCE_SECONDS = 10.0
"""How long an upload waits for its turn."""
LIMITS = TaskLimits()
POOL = ChildPool("registry.examiner.tasks:Examiner")
# An upload keeps a thread while it waits, and half of the threads must stay for pages.
PUBLISHING = Lane(
    POOL, running=1, waiting=max(1, settings.WEB_THREADS // 2 - 1), patience=PATIENCE_SECONDS
)
REASONS = {
    "time": "took too long",
    "memory": "needed too much memory",
    "output": "produced too much data",
    "crash": "broke off",
}


class Examination:
    """A session of a publish. A stopped task becomes a refusal that names the file."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def call(
        self, task: "Task[Argument, Result]", argument: Argument, files: Sequence[BinaryIO] = ()
    ) -> Result:
        try:
            return self._session.call(task, argument, files, limits=LIMITS)
        except TaskStopped as stopped:
            log.warning("Task %s was stopped: %s", task.__name__, stopped)
            finding = new_finding(
                "package_too_costly",
                stopped.place,
                f"The check of this file {REASONS[stopped.reason]} and was stopped.",
            )
            place = f" It was examining {finding.path}." if finding.path else ""
            raise PackageTooCostly(
                f"The check of the package {REASONS[stopped.reason]} and was stopped;"
                f" nothing was published.{place}",
                reason=stopped.reason,
                findings=[finding.as_json()],
            ) from stopped


@contextmanager
def examine() -> Iterator[Examination]:
    """Opens a session for a package. Raises PublishingBusy."""
    try:
        with PUBLISHING.session() as session:
            yield Examination(session)
    except SandboxBusy:
        raise PublishingBusy(retry_after=int(PATIENCE_SECONDS)) from None


@contextmanager
def with_descriptor(stream: BinaryIO) -> Iterator[BinaryIO]:
    """Yields the stream, or a copy in a temporary file if it is no file of the system."""
    try:
        stream.fileno()
    except OSError:
        with tempfile.TemporaryFile() as copy:
            stream.seek(0)
            while chunk := stream.read(1024 * 1024):
                copy.write(chunk)
            copy.flush()
            yield cast(BinaryIO, copy)
    else:
        yield stream
