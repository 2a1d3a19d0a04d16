"""Sessions for readers: diffs, single files of packages, and texts of this site."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import IO, BinaryIO, cast

from foundation.sandbox.errors import SandboxBusy, TaskStopped
from foundation.sandbox.pool import Session
from registry.errors import DiffsBusy, DiffTooCostly, FilesBusy, TextsBusy, TextTooCostly
from registry.examiner.records import UnpackRequest
from registry.examiner.tasks import Examiner
from registry.package.checks.paths import make_printable
from registry.sandbox import lanes
from registry.sandbox.descriptors import with_descriptor
from registry.sandbox.examination import Examination
from registry.sandbox.lanes import READER_PATIENCE_SECONDS

Unpack = Callable[[UnpackRequest, BinaryIO, IO[bytes]], bool]

log = logging.getLogger("clawstore.sandbox")


@contextmanager
def examine_for_reader() -> Iterator[Examination]:
    """Opens a session for a diff. Raises DiffsBusy; its calls raise DiffTooCostly."""
    try:
        with lanes.READING.session() as session:
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
        with lanes.READING.session() as session:
            return session.call(Examiner.render_site_texts, argument, limits=lanes.LIMITS)
    except SandboxBusy:
        raise TextsBusy(retry_after=int(READER_PATIENCE_SECONDS)) from None
    except TaskStopped as error:
        raise TextTooCostly(reason=error.reason) from error


def _diff_refusal(error: TaskStopped) -> DiffTooCostly:
    return DiffTooCostly(reason=error.reason, path=make_printable(error.place))


@contextmanager
def unpack_for_reader(*, is_large: bool) -> Iterator[Unpack]:
    """Waits for a turn, and yields a function that unpacks a package.

    Raises FilesBusy. The function fills its output with files of the package, and returns False
    if the package cannot be read. It was read once within the same limits, so its bytes are others
    then.
    """
    try:
        # A large package in the lane of the small ones would make all their readers wait.
        with (lanes.READING if is_large else lanes.UNPACKING).session() as session:
            yield partial(_unpack, session)
    except SandboxBusy:
        raise FilesBusy(retry_after=int(READER_PATIENCE_SECONDS)) from None


def _unpack(session: Session, request: UnpackRequest, tarball: BinaryIO, output: IO[bytes]) -> bool:
    try:
        with with_descriptor(tarball) as file:
            files = [file, cast(BinaryIO, output)]
            return session.call(Examiner.unpack, request, files, limits=lanes.LIMITS)
    except TaskStopped as error:
        log.warning("A package could not be unpacked: %s", error)
        return False
