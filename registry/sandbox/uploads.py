"""Sessions for packages that are published: their time is charged to the account."""

from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil
from uuid import UUID

from django.conf import settings

from foundation.caching import store
from foundation.limits.actions import LimitUsage, count_use
from foundation.limits.declarations import get_limit
from foundation.sandbox.errors import SandboxBusy, TaskStopped
from foundation.sandbox.usage import child_seconds
from registry.errors import PackageTooCostly, PublishingBusy, PublishingPaused
from registry.limits import EXAMINE, EXAMINE_UNITS, HEAVY_USE
from registry.package.costs import REASONS, costly_finding
from registry.sandbox import lanes
from registry.sandbox.examination import Examination
from registry.sandbox.lanes import UPLOAD_PATIENCE_SECONDS

PAUSE_SECONDS = 60


@contextmanager
def examine(*, user_id: UUID | None = None, is_import: bool = False) -> Iterator[Examination]:
    """Opens a session for a package. Raises PublishingBusy and PublishingPaused.

    All its calls together have the limits of one task; only an import, which sends the texts of a
    whole catalogue, has them for each call. The calls raise PackageTooCostly, which names the file.
    After that the user has to wait, so that one account cannot keep the examiner from all others.
    """
    used_units = _require_time(user_id)
    budget = None if is_import else lanes.LIMITS
    session = lanes.PUBLISHING.session(
        owner=user_id, may_wait=used_units < HEAVY_USE, budget=budget
    )
    try:
        with session as open_session, _charged_to(user_id):
            yield Examination(open_session, _package_refusal)
    except SandboxBusy:
        raise PublishingBusy(retry_after=int(UPLOAD_PATIENCE_SECONDS)) from None
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
    return usage.used_units if usage else 0


def _pause_key(user_id: UUID | None) -> str:
    return f"publishing-paused:{user_id}"


@contextmanager
def _charged_to(user_id: UUID | None) -> Iterator[None]:
    begin = child_seconds()
    try:
        yield
    finally:
        # Also after a refusal: the check of a refused package has taken as long.
        _count_time(user_id, seconds=child_seconds() - begin)


def _count_time(user_id: UUID | None, *, seconds: float) -> LimitUsage | None:
    """Adds to the time that the user's packages took, and returns it."""
    if user_id is None or not settings.LIMITS_ON:
        return None
    # Rounded up, or many short checks would cost nothing.
    cost = ceil(seconds * EXAMINE_UNITS)
    return count_use(get_limit(EXAMINE), f"user:{user_id}", cost=cost)


def _package_refusal(error: TaskStopped) -> PackageTooCostly:
    finding = costly_finding(error.reason, error.place)
    place = f" It was examining {finding.path}." if finding.path else ""
    return PackageTooCostly(
        f"The check of the package {REASONS[error.reason]} and was stopped; nothing was"
        f" published.{place}",
        reason=error.reason,
        findings=[finding.as_json()],
    )
