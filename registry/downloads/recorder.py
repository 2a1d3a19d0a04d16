"""Records downloads without a write in the request.

A request adds a `DownloadEvent`. A thread of the process writes events in batches, so a crash loses
at most the events of the last moments. `flush_downloads` writes the rest when a process ends.
`registry.downloads.metrics` defines the numbers. See ADR 9.
"""

import atexit
import hashlib
import logging
import os
import threading
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from itertools import islice
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, IntegrityError, close_old_connections, connection, transaction
from django.db.models import F

from foundation.caching.actions import bump_site
from foundation.clock import today
from registry.agents.revisions import bump_ranking_since, search_weights
from registry.downloads.rolling import add_networks
from registry.models import Agent, DownloadDay, DownloadSeen, Version

log = logging.getLogger("clawstore.downloads")

# Events in one transaction, which locks the rows of their agents.
MAX_BATCH = 200
# Maximum number of distinct events in memory while the database does not answer.
MAX_PENDING = 50_000
# Seconds of pause after a batch, for each event of it: under load, more events share a batch.
PAUSE_PER_EVENT = 0.05
# Seconds. Also the maximum delay of a count, and what a crash loses.
MAX_PAUSE = 2.0
# Seconds of pause after a failed write.
RETRY_PAUSE = 1.0
# Seconds. Less than gunicorn's graceful_timeout.
FLUSH_TIMEOUT = 20.0


class EventKind(Enum):
    """Kinds of events. DOWNLOAD and CRAWL are fetches, only DOWNLOAD counts more."""

    DOWNLOAD = "download"
    CRAWL = "crawl"
    # A range request: only in the raw count.
    PART = "part"
    # A request with an API key for the version's detail, which the client sends after an install.
    INSTALL = "install"


@dataclass(frozen=True, slots=True)
class DownloadEvent:
    """A request for a version's bytes, or the one that follows an install.

    ``network`` is a salted hash; ``user_id`` is None for an anonymous request.
    """

    agent_id: UUID
    version_id: UUID
    kind: EventKind
    network: str
    user_id: UUID | None = None
    day: date = field(default_factory=today)


def make_event(
    version: Version, kind: EventKind, *, network: str, user_id: UUID | None
) -> DownloadEvent:
    return DownloadEvent(version.agent_id, version.pk, kind, network, user_id)


# --- Writing ---------------------------------------------------------------------------------


@transaction.atomic
def write_events(events: Counter[DownloadEvent]) -> None:
    """Add events, each with its number of occurrences, to the counters and days.

    The rows of the agents are locked first and in one order, so that two writers cannot deadlock
    and the second one sees which visitors the first has counted.
    """
    agent_ids = _lock_agents({event.agent_id for event in events})
    weights = search_weights(agent_ids)
    new_keys = _add_seen_keys(events)
    days = _count_by_day(events, new_keys)
    for (version_id, day), counts in sorted(days.items()):
        if counts:
            _add_to_day(version_id, day, counts)
    _add_to_totals(agent_ids, events, days)
    _add_networks(events, new_keys)
    bump_ranking_since(weights)


def _lock_agents(agent_ids: Collection[UUID]) -> list[UUID]:
    rows = Agent.objects.select_for_update().filter(pk__in=agent_ids).order_by("pk")
    return list(rows.values_list("pk", flat=True))


def _add_seen_keys(events: Collection[DownloadEvent]) -> set[str]:
    """Store the keys of visitors, networks and users, and return the new ones."""
    keys = {key: event for event in events for key in _keys(event)}
    installs = [event for event in events if event.kind is EventKind.INSTALL and event.user_id]
    candidates = {*keys, *map(_network_key, installs), *map(_user_key, installs)}
    known_keys = set(DownloadSeen.objects.filter(pk__in=candidates).values_list("pk", flat=True))
    # An install is counted only after a download by the same network: without one, the request
    # was for the detail alone.
    after_download = known_keys | keys.keys()
    keys |= {_user_key(event): event for event in installs if _network_key(event) in after_download}
    new_keys = keys.keys() - known_keys
    DownloadSeen.objects.bulk_create(
        DownloadSeen(key=key, day=keys[key].day) for key in sorted(new_keys)
    )
    return set(new_keys)


def _keys(event: DownloadEvent) -> list[str]:
    if event.kind is not EventKind.DOWNLOAD:
        return []
    user_keys = [_user_key(event)] if event.user_id else []
    return [_visitor_key(event), _network_key(event), *user_keys]


def _visitor_key(event: DownloadEvent) -> str:
    return _key(event, "visitor", event.user_id or event.network)


def _network_key(event: DownloadEvent) -> str:
    return _key(event, "network", event.network)


def _user_key(event: DownloadEvent) -> str:
    return _key(event, "user", event.user_id)


def _key(event: DownloadEvent, role: str, identity: object) -> str:
    text = f"{settings.ADDRESS_SALT}:{event.day}:{event.version_id}:{role}:{identity}"
    return hashlib.sha256(text.encode()).hexdigest()


# Counts of a version on a day by column of `DownloadDay`.
Days = dict[tuple[UUID, date], Counter[str]]


def _count_by_day(events: Counter[DownloadEvent], new_keys: set[str]) -> Days:
    days: Days = {}
    uncounted_keys = set(new_keys)

    def count_once(key: str) -> int:
        is_new = key in uncounted_keys
        uncounted_keys.discard(key)
        return int(is_new)

    for event, times in events.items():
        counts = days.setdefault((event.version_id, event.day), Counter())
        if event.kind in {EventKind.DOWNLOAD, EventKind.CRAWL}:
            counts["fetches"] += times
        if event.kind is EventKind.DOWNLOAD:
            counts["downloads"] += count_once(_visitor_key(event))
            counts["networks"] += count_once(_network_key(event))
        if event.user_id and event.kind in {EventKind.DOWNLOAD, EventKind.INSTALL}:
            counts["signed_in"] += count_once(_user_key(event))
    return {key: +counts for key, counts in days.items()}


def _add_to_day(version_id: UUID, day: date, counts: Counter[str]) -> None:
    increments = {column: F(column) + count for column, count in counts.items()}
    if not DownloadDay.objects.filter(version_id=version_id, day=day).update(**increments):
        if not DownloadDay.objects.filter(day__lte=day).exists():
            # Every chart shows the first day with counts.
            bump_site()
        DownloadDay.objects.create(version_id=version_id, day=day, **counts)


def _add_to_totals(agent_ids: list[UUID], events: Counter[DownloadEvent], days: Days) -> None:
    """Add to the raw counts, and to the rolling sums, which always include today."""
    raw_counts: Counter[UUID] = Counter()
    agents_by_version = {event.version_id: event.agent_id for event in events}
    for event, times in events.items():
        if event.kind is not EventKind.INSTALL:
            raw_counts[event.version_id] += times
    for version_id, times in sorted(raw_counts.items()):
        Version.objects.filter(pk=version_id).count_download(by=times)
    totals: dict[UUID, Counter[str]] = {agent_id: Counter() for agent_id in agent_ids}
    for version_id, times in raw_counts.items():
        totals[agents_by_version[version_id]]["download_count"] += times
    for (version_id, _), counts in days.items():
        totals[agents_by_version[version_id]]["downloads_30d"] += counts["downloads"]
        totals[agents_by_version[version_id]]["signed_in_30d"] += counts["signed_in"]
    for agent_id, sums in totals.items():
        increments = {column: F(column) + count for column, count in sums.items() if count}
        if increments:
            Agent.objects.filter(pk=agent_id).update(**increments, revision=F("revision") + 1)


def _add_networks(events: Collection[DownloadEvent], new_keys: set[str]) -> None:
    """Add networks that are new for a version on a day to the sketch of its agent."""
    networks: dict[tuple[UUID, date], set[str]] = {}
    for event in events:
        if event.kind is EventKind.DOWNLOAD and _network_key(event) in new_keys:
            networks.setdefault((event.agent_id, event.day), set()).add(event.network)
    for (agent_id, day), day_networks in networks.items():
        estimate = add_networks(agent_id, day, day_networks)
        Agent.objects.filter(pk=agent_id).update(networks_30d=estimate)


# --- The thread ------------------------------------------------------------------------------


class DownloadRecorder:
    """Writes events of this process in a thread that starts with the first one."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Drop all state: after a fork, thread and events belong to the parent."""
        self._change = threading.Condition()
        self._pending: Counter[DownloadEvent] = Counter()
        self._is_writing = False
        self._is_flushing = False
        self._thread: threading.Thread | None = None

    def add(self, event: DownloadEvent) -> None:
        """Queue an event and return at once."""
        with self._change:
            if len(self._pending) >= MAX_PENDING and event not in self._pending:
                # The database has not answered for long, which the log says.
                return
            self._pending[event] += 1
            if self._thread is None or not self._thread.is_alive():
                self._start()
            self._change.notify_all()

    def _start(self) -> None:
        self._is_flushing = self._is_writing = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def flush(self, timeout: float = FLUSH_TIMEOUT) -> bool:
        """Wait at most ``timeout`` seconds; returns whether all events are written."""
        with self._change:
            self._is_flushing = True
            self._change.notify_all()
            is_done = self._change.wait_for(
                lambda: not (self._pending or self._is_writing), timeout
            )
            pending_count = self._pending.total()
            self._is_flushing = False
        if not is_done:
            log.error("%s fetches were not counted: the process ends", pending_count)
        return is_done

    def _run(self) -> None:
        while True:
            events = self._next_batch()
            is_written = self._write(events)
            with self._change:
                self._is_writing = False
                self._change.notify_all()
                if is_written:
                    # Each batch locks agents that publishes wait for, so busy processes write less
                    # often.
                    pause = min(MAX_PAUSE, PAUSE_PER_EVENT * len(events))
                    self._change.wait_for(lambda: self._is_flushing, pause)
                else:
                    self._change.wait_for(lambda: False, RETRY_PAUSE)

    def _next_batch(self) -> Counter[DownloadEvent]:
        with self._change:
            self._change.wait_for(lambda: self._pending)
            batch = Counter({e: self._pending[e] for e in islice(self._pending, MAX_BATCH)})
            for event in batch:
                del self._pending[event]
            self._is_writing = True
        return batch

    def _write(self, events: Counter[DownloadEvent]) -> bool:
        """Write a batch; False if it must be tried again.

        Events that the database refuses for good are dropped and logged.
        """
        try:
            write_events(events)
        except IntegrityError:
            log.exception("%s fetches could not be counted", events.total())
        except DatabaseError:
            log.warning("%s fetches wait to be counted", events.total(), exc_info=True)
            with self._change:
                self._pending.update(events)
            return False
        except Exception:
            log.exception("%s fetches could not be counted", events.total())
        finally:
            # A connection that broke is replaced before the next batch.
            close_old_connections()
        return True


_recorder = DownloadRecorder()
atexit.register(_recorder.flush)
os.register_at_fork(after_in_child=_recorder.reset)


def flush_downloads() -> bool:
    """Write pending events before the process ends; whether all are written."""
    return _recorder.flush()


def record_event(event: DownloadEvent) -> None:
    """Count an event: at once in a transaction, otherwise in the background."""
    if connection.in_atomic_block:
        # The thread has its own connection, which would wait for the end of this transaction.
        write_events(Counter({event: 1}))
    else:
        _recorder.add(event)
