"""How long jobs take, added up in a worker and written every few seconds.

A write for each job would be one more transaction, on a row that all workers of the job share.
"""

from collections import defaultdict
from time import monotonic

from django.db import transaction
from django.db.models import F

from foundation.jobs.models import JobDuration

WRITE_INTERVAL = 2.0


class DurationSums:
    """The runs of one worker since the last write, by name and outcome of jobs."""

    def __init__(self) -> None:
        self._sums: defaultdict[tuple[str, str], tuple[int, float]] = defaultdict(lambda: (0, 0.0))
        self._written_at = monotonic()

    def add(self, kind: str, outcome: str, seconds: float) -> None:
        run_count, sum_of_seconds = self._sums[kind, outcome]
        self._sums[kind, outcome] = (run_count + 1, sum_of_seconds + seconds)

    def write(self, *, is_due: bool = True) -> None:
        """Write the sums; with ``is_due=False`` not within two seconds of a write."""
        if not self._sums or not (is_due or monotonic() - self._written_at > WRITE_INTERVAL):
            return
        with transaction.atomic():
            # In one order, so that two workers never wait for each other.
            for (kind, outcome), (run_count, seconds) in sorted(self._sums.items()):
                row, _ = JobDuration.objects.get_or_create(kind=kind, outcome=outcome)
                # The addition is done by the database, because several workers add to one row.
                JobDuration.objects.filter(pk=row.pk).update(
                    run_count=F("run_count") + run_count, seconds=F("seconds") + seconds
                )
        self._sums.clear()
        self._written_at = monotonic()
