"""Counting tarball downloads: many at once cost one write.

Every download is in the database before its bytes go out, so the numbers are exact and nothing is
lost in a restart. But the downloads that arrive while one write is under way are written together
by the next: under load, the writers of a process are one, and the lock is asked for once for all.
"""

import logging
import threading
from collections import Counter
from dataclasses import dataclass, field
from uuid import UUID

from django.db import DatabaseError, close_old_connections, connection, transaction
from django.db.models import F

from registry.models import Agent, Version

log = logging.getLogger("clawstore.downloads")
LONGEST_WAIT = 5.0  # Seconds. A count is best effort: bytes do not wait for a database for ever.


@dataclass(slots=True)
class Batch:
    """Downloads that will be written together: version and its agent → how many."""

    counts: Counter[tuple[UUID, UUID]] = field(default_factory=Counter)
    written: threading.Event = field(default_factory=threading.Event)


class DownloadCounter:
    """One per process; its thread starts with the first download and ends with the process."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._next = Batch()
        self._thread: threading.Thread | None = None

    def add(self, version: Version) -> Batch:
        """Put one download into the next batch, which the caller may wait for."""
        with self._changed:
            batch = self._next
            batch.counts[version.agent_id, version.pk] += 1
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._write_batches, daemon=True)
                self._thread.start()
            self._changed.notify()
        return batch

    def _write_batches(self) -> None:
        while True:
            batch = self._take()
            try:
                write_downloads(batch.counts)
            except DatabaseError:
                log.exception("%s downloads were not counted", batch.counts.total())
            finally:
                batch.written.set()
                close_old_connections()

    def _take(self) -> Batch:
        with self._changed:
            while not self._next.counts:
                self._changed.wait()
            batch, self._next = self._next, Batch()
        return batch


@transaction.atomic
def write_downloads(counts: Counter[tuple[UUID, UUID]]) -> None:
    """Agents before versions and each in the order of keys, so that no two writers can wait for
    each other. An agent's number is the sum of its versions'."""
    of_agents: Counter[UUID] = Counter()
    for (agent_id, _), count in counts.items():
        of_agents[agent_id] += count
    for agent_id, count in sorted(of_agents.items()):
        Agent.objects.filter(pk=agent_id).update(download_count=F("download_count") + count)
    for (_, version_id), count in sorted(counts.items(), key=lambda item: item[0][1]):
        Version.objects.filter(pk=version_id).count_download(by=count)


_counter = DownloadCounter()


def count_one(version: Version) -> None:
    """Count one raw tarball GET; when this returns it is written, or the database is too slow."""
    if connection.in_atomic_block:
        # Inside somebody's transaction another connection would wait for that transaction's end.
        write_downloads(Counter({(version.agent_id, version.pk): 1}))
    else:
        _counter.add(version).written.wait(LONGEST_WAIT)
