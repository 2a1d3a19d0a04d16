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
from functools import partial
from math import ceil
from typing import IO, BinaryIO, TypeVar, cast
from uuid import UUID

from django.conf import settings

from foundation.caching import store
from foundation.limits.actions import LimitUsage, count_use
from foundation.limits.declarations import get_limit
from foundation.refusals import Refusal
from foundation.sandbox.errors import SandboxBusy, TaskStopped
from foundation.sandbox.limits import TaskLimits
from foundation.sandbox.pool import ChildPool, Lane, Session, Task
from foundation.sandbox.usage import child_seconds
from registry.errors import (
    DiffsBusy,
    DiffTooCostly,
    FilesBusy,
    PackageTooCostly,
    PublishingBusy,
    PublishingPaused,
    TextsBusy,
    TextTooCostly,
)
from registry.examiner.records import UnpackRequest
from registry.examiner.tasks import Examiner
from registry.limits import EXAMINE, EXAMINE_UNITS, HEAVY_USE
from registry.package.checks.paths import make_printable
from registry.package.costs import REASONS, TASK_LIMITS, costly_finding

Argument = TypeVar("Argument")
Result = TypeVar("Result")
Unpack = Callable[[UnpackRequest, BinaryIO, IO[bytes]], bool]

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
# A file of a small package takes some milliseconds, so all threads may wait for their turn.
UNPACKING = Lane(POOL, running=1, waiting=settings.WEB_THREADS, patience=READER_PATIENCE_SECONDS)


class Examination:
    """A session of the examiner. A stopped task becomes a refusal."""

    def __init__(self, session: Session, refuse: Callable[[TaskStopped], Refusal]) -> None:
        self._session = session
        self._refuse = refuse

    def call(
        self,
        task: "Task[Argument, Result]",
        argument: Argument,
        files: Sequence[BinaryIO] = (),
        *,
        limits: TaskLimits | None = None,
    ) -> Result:
        try:
            return self._session.call(task, argument, files, limits=limits or LIMITS)
        except TaskStopped as stopped:
            log.warning("Task %s was stopped: %s", task.__name__, stopped)
            raise self._refuse(stopped) from stopped


@contextmanager
def examine(*, user_id: UUID | None = None, is_import: bool = False) -> Iterator[Examination]:
    """Opens a session for a package. Raises PublishingBusy and PublishingPaused.

    All its calls together have the limits of one task; only an import, which sends the texts of a
    whole catalogue, has them for each call. The calls raise PackageTooCostly, which names the file.
    After that the user has to wait, so that one account cannot keep the examiner from all others.
    """
    used = _require_time(user_id)
    budget = None if is_import else LIMITS
    session = PUBLISHING.session(owner=user_id, may_wait=used < HEAVY_USE, budget=budget)
    try:
        with session as opened, _charged_to(user_id):
            yield Examination(opened, _package_refusal)
    except SandboxBusy:
        raise PublishingBusy(retry_after=int(PATIENCE_SECONDS)) from None
    except PackageTooCostly:
        # In the cache, not in the database: losing a pause of a minute costs little.
        store.write("values", _pause_key(user_id), True, timeout=PAUSE_SECONDS)
        raise


def _require_time(user_id: UUID | None) -> int:
    """Returns what the user has used of the limit `examine`.

    Raises PublishingPaused after a costly package, and if the user's time is spent.
    """
    if user_id and store.read("values", _pause_key(user_id)):
        raise PublishingPaused(retry_after=PAUSE_SECONDS)
    usage = _count_time(user_id, seconds=0.0)
    if usage and not usage.remaining:
        raise PublishingPaused(
            f"Your packages took much time to check. Try again in {usage.wait}.",
            retry_after=usage.reset,
        )
    return usage.used if usage else 0


def _pause_key(user_id: UUID | None) -> str:
    return f"publishing-paused:{user_id}"


@contextmanager
def _charged_to(user_id: UUID | None) -> Iterator[None]:
    begin = child_seconds()
    try:
        yield
    finally:
        _count_time(user_id, seconds=child_seconds() - begin)


def _count_time(user_id: UUID | None, *, seconds: float) -> LimitUsage | None:
    """Adds to the time that the user's packages took, and returns it."""
    if user_id is None or not settings.LIMITS_ON:
        return None
    cost = ceil(seconds * EXAMINE_UNITS)
    return count_use(get_limit(EXAMINE), f"user:{user_id}", cost=cost)


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


def render_site_texts(
    texts: Sequence[str], *, id_prefixes: Sequence[str] | None = None
) -> tuple[str, ...]:
    """Returns the HTML of markdown texts that may link to public pages of this site.

    The texts of one page need different prefixes of their ids. Raises TextsBusy or TextTooCostly.
    """
    if not texts:
        return ()
    prefixes = id_prefixes or ["about-"] * len(texts)
    argument = tuple(zip(prefixes, texts, strict=True))
    try:
        with READING.session() as session:
            return session.call(Examiner.render_site_texts, argument, limits=LIMITS)
    except SandboxBusy:
        raise TextsBusy(retry_after=int(READER_PATIENCE_SECONDS)) from None
    except TaskStopped as stopped:
        raise TextTooCostly(reason=stopped.reason) from stopped


def _diff_refusal(stopped: TaskStopped) -> DiffTooCostly:
    return DiffTooCostly(reason=stopped.reason, path=make_printable(stopped.place))


@contextmanager
def unpack_for_reader(*, is_large: bool) -> Iterator[Unpack]:
    """Waits for a turn, and yields a function that unpacks a package.

    Raises FilesBusy. The function fills its output with files of the package, and returns False
    if the package cannot be read. It was read once within the same limits, so its bytes are others
    then.
    """
    try:
        with (READING if is_large else UNPACKING).session() as session:
            yield partial(_unpack, session)
    except SandboxBusy:
        raise FilesBusy(retry_after=int(READER_PATIENCE_SECONDS)) from None


def _unpack(session: Session, request: UnpackRequest, tarball: BinaryIO, output: IO[bytes]) -> bool:
    try:
        with with_descriptor(tarball) as file:
            files = [file, cast(BinaryIO, output)]
            return session.call(Examiner.unpack, request, files, limits=LIMITS)
    except TaskStopped as stopped:
        log.warning("A package could not be unpacked: %s", stopped)
        return False


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
