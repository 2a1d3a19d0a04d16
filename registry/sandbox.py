"""The sandbox of the registry: its lanes and limits, and what they refuse.

Everything that handles bytes of strangers goes through here (ADR 22).
"""

import logging
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import BinaryIO, TypeVar, cast
from uuid import UUID

from django.conf import settings
from django.core.cache import caches

from foundation.refusals import Refusal
from foundation.sandbox.errors import SandboxBusy, TaskStopped
from foundation.sandbox.pool import ChildPool, Lane, Session, Task
from registry.errors import (
    DiffsBusy,
    DiffTooCostly,
    PackageTooCostly,
    PublishingBusy,
    PublishingPaused,
)
from registry.package.checks.paths import make_printable
from registry.package.costs import REASONS, TASK_LIMITS, costly_finding

Argument = TypeVar("Argument")
Result = TypeVar("Result")

log = logging.getLogger("clawstore.sandbox")

PATIENCE_SECONDS = 15.0
"""How long an upload waits for its turn: a little longer than the most costly one takes."""
PAUSE_SECONDS = 60
READER_PATIENCE_SECONDS = 5.0
LIMITS = TASK_LIMITS
POOL = ChildPool("registry.examiner.tasks:Examiner")
# An upload keeps a thread while it waits, and half of the threads must stay for pages.
PUBLISHING = Lane(
    POOL, running=1, waiting=max(1, settings.WEB_THREADS // 2 - 1), patience=PATIENCE_SECONDS
)
READING = Lane(
    POOL,
    running=1,
    waiting=max(1, settings.WEB_THREADS // 4),
    patience=READER_PATIENCE_SECONDS,
)


class Examination:
    """A session of the examiner. A stopped task becomes a refusal."""

    def __init__(self, session: Session, refuse: Callable[[TaskStopped], Refusal]) -> None:
        self._session = session
        self._refuse = refuse

    def call(
        self, task: "Task[Argument, Result]", argument: Argument, files: Sequence[BinaryIO] = ()
    ) -> Result:
        try:
            return self._session.call(task, argument, files, limits=LIMITS)
        except TaskStopped as stopped:
            log.warning("Task %s was stopped: %s", task.__name__, stopped)
            raise self._refuse(stopped) from stopped


@contextmanager
def examine(*, user_id: UUID | None = None) -> Iterator[Examination]:
    """Opens a session for a package. Raises PublishingBusy and PublishingPaused.

    Its calls raise PackageTooCostly, which names the file. After that the user has to wait, so
    that one account cannot keep the examiner from all others.
    """
    pauses, key = caches["values"], f"publishing-paused:{user_id}"
    if user_id and pauses.get(key):
        raise PublishingPaused(retry_after=PAUSE_SECONDS)
    try:
        with PUBLISHING.session() as session:
            yield Examination(session, _package_refusal)
    except SandboxBusy:
        raise PublishingBusy(retry_after=int(PATIENCE_SECONDS)) from None
    except PackageTooCostly:
        pauses.set(key, True, PAUSE_SECONDS)
        raise


def _package_refusal(stopped: TaskStopped) -> PackageTooCostly:
    finding = costly_finding(stopped.reason, stopped.place)
    place = f" It was examining {finding.path}." if finding.path else ""
    return PackageTooCostly(
        f"The check of the package {REASONS[stopped.reason]} and was stopped; nothing was"
        f" published.{place}",
        reason=stopped.reason,
        findings=[finding.as_json()],
    )


@contextmanager
def examine_for_reader() -> Iterator[Examination]:
    """Opens a session for a diff. Raises DiffsBusy; its calls raise DiffTooCostly."""
    try:
        with READING.session() as session:
            yield Examination(session, _diff_refusal)
    except SandboxBusy:
        raise DiffsBusy(retry_after=int(READER_PATIENCE_SECONDS)) from None


def _diff_refusal(stopped: TaskStopped) -> DiffTooCostly:
    return DiffTooCostly(reason=stopped.reason, path=make_printable(stopped.place))


@contextmanager
def with_descriptor(stream: BinaryIO) -> Iterator[BinaryIO]:
    """Yields the stream, or a copy in a temporary file if it is no file on disk.

    A stream from a bucket is copied from where it is, because it can be read only once.
    """
    if _is_file(stream):
        yield stream
        return
    with tempfile.TemporaryFile() as copy:
        if stream.seekable():
            stream.seek(0)
        shutil.copyfileobj(stream, copy, 1024 * 1024)
        copy.flush()
        yield cast(BinaryIO, copy)


def _is_file(stream: BinaryIO) -> bool:
    try:
        return stat.S_ISREG(os.fstat(stream.fileno()).st_mode)
    except OSError:
        return False
