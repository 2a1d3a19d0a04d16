"""Counting downloads without a write that anybody waits for.

A request only says what happened (a `Visit`); a thread of the process writes it at once, and what
arrives while one write is under way is written together by the next. An orderly end of the process
waits for the last write (`finish`), so only a crash can lose something: what came within the last
moments. What the numbers mean is on the public page /about/numbers, and here:

- a *fetch* is one GET that was sent the whole package, whoever asked and however often;
- a *download* is the first fetch of a version on a day (UTC) by a signed-in user, or by a network
  where nobody is signed in; crawlers and checks make none;
- *networks* are the distinct ones that downloads came from;
- *signed in* are the distinct users who downloaded with a session or key, or who asked for the
  version by key from a network that had downloaded it that day, as the client does when it has
  installed an agent.
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
from registry.downloads.rolling import note_networks
from registry.models import Agent, DownloadDay, DownloadSeen, Version

log = logging.getLogger("clawstore.downloads")

MOST_AT_ONCE = 200  # Visits in one transaction: others wait for its locks.
MOST_WAITING = 50_000  # Distinct visits kept while the database does not answer.
# Seconds between two writes, in which more gather, for each visit that was written: the more come,
# the more share a write. At most so many; so late may a count be, and so much a crash takes.
BREATH, LONGEST_BREATH = 0.05, 2.0
PAUSE = 1.0  # Seconds after a write that failed.
FINISH_WITHIN = 20.0  # Seconds. Below gunicorn's graceful_timeout.


class Kind(Enum):
    """What a visit was: only DOWNLOAD makes downloads, INSTALL is no fetch at all."""

    DOWNLOAD = "download"
    CRAWL = "crawl"
    PART = "part"
    INSTALL = "install"


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody was sent a version's bytes, or asked for it by key after an install.

    ``network`` is a salted hash; ``user_id`` is None where nobody is signed in.
    """

    agent_id: UUID
    version_id: UUID
    kind: Kind
    network: str
    user_id: UUID | None = None
    day: date = field(default_factory=today)


def visit_of(version: Version, kind: Kind, *, network: str, user_id: UUID | None) -> Visit:
    return Visit(version.agent_id, version.pk, kind, network, user_id)


# --- Writing ---------------------------------------------------------------------------------


@transaction.atomic
def write_visits(visits: Counter[Visit]) -> None:
    """Bring counters and days in line with these visits, each with how often it happened.

    The agents' rows are locked first and in one order: no two writers wait for each other, and of
    two who count the same visitor the second sees what the first has written.
    """
    agents = _lock_agents({visit.agent_id for visit in visits})
    weights = search_weights(agents)
    new = _note_seen(visits)
    days = _days_of(visits, new)
    for (version_id, day), tally in sorted(days.items()):
        if tally:
            _add_to_day(version_id, day, tally)
    _add_to_totals(agents, visits, days)
    _add_networks(visits, new)
    bump_ranking_since(weights)


def _lock_agents(agent_ids: Collection[UUID]) -> list[UUID]:
    rows = Agent.objects.select_for_update().filter(pk__in=agent_ids).order_by("pk")
    return list(rows.values_list("pk", flat=True))


def _note_seen(visits: Collection[Visit]) -> set[str]:
    """The marks of these visits that were not there before; now they are."""
    marks = {mark: visit for visit in visits for mark in _marks(visit)}
    installs = [visit for visit in visits if visit.kind is Kind.INSTALL and visit.user_id]
    asked = {*marks, *map(_network_mark, installs), *map(_user_mark, installs)}
    known = set(DownloadSeen.objects.filter(pk__in=asked).values_list("pk", flat=True))
    # An install follows a download from the same network; a look at the version does not count.
    followed = known | marks.keys()
    marks |= {_user_mark(v): v for v in installs if _network_mark(v) in followed}
    new = marks.keys() - known
    DownloadSeen.objects.bulk_create(DownloadSeen(key=m, day=marks[m].day) for m in sorted(new))
    return set(new)


def _marks(visit: Visit) -> list[str]:
    if visit.kind is not Kind.DOWNLOAD:
        return []
    user = [_user_mark(visit)] if visit.user_id else []
    return [_visitor_mark(visit), _network_mark(visit), *user]


def _visitor_mark(visit: Visit) -> str:
    return _mark(visit, "visitor", visit.user_id or visit.network)


def _network_mark(visit: Visit) -> str:
    return _mark(visit, "network", visit.network)


def _user_mark(visit: Visit) -> str:
    return _mark(visit, "user", visit.user_id)


def _mark(visit: Visit, role: str, who: object) -> str:
    said = f"{settings.ADDRESS_SALT}:{visit.day}:{visit.version_id}:{role}:{who}"
    return hashlib.sha256(said.encode()).hexdigest()


Days = dict[tuple[UUID, date], Counter[str]]


def _days_of(visits: Counter[Visit], new: set[str]) -> Days:
    days: Days = {}
    left = set(new)

    def first_time(mark: str) -> int:
        is_first = mark in left
        left.discard(mark)
        return int(is_first)

    for visit, times in visits.items():
        tally = days.setdefault((visit.version_id, visit.day), Counter())
        if visit.kind in {Kind.DOWNLOAD, Kind.CRAWL}:
            tally["fetches"] += times
        if visit.kind is Kind.DOWNLOAD:
            tally["downloads"] += first_time(_visitor_mark(visit))
            tally["networks"] += first_time(_network_mark(visit))
        if visit.user_id and visit.kind in {Kind.DOWNLOAD, Kind.INSTALL}:
            tally["signed_in"] += first_time(_user_mark(visit))
    return {key: +tally for key, tally in days.items()}


def _add_to_day(version_id: UUID, day: date, tally: Counter[str]) -> None:
    more = {column: F(column) + number for column, number in tally.items()}
    if not DownloadDay.objects.filter(version_id=version_id, day=day).update(**more):
        if not DownloadDay.objects.filter(day__lte=day).exists():
            bump_site()  # Every chart says since which day downloads are counted.
        DownloadDay.objects.create(version_id=version_id, day=day, **tally)


def _add_to_totals(agents: list[UUID], visits: Counter[Visit], days: Days) -> None:
    """The raw counters, and the agents' windows: today is always in the window."""
    raw: Counter[UUID] = Counter()
    owners = {visit.version_id: visit.agent_id for visit in visits}
    for visit, times in visits.items():
        if visit.kind is not Kind.INSTALL:
            raw[visit.version_id] += times
    for version_id, times in sorted(raw.items()):
        Version.objects.filter(pk=version_id).count_download(by=times)
    of_agents: dict[UUID, Counter[str]] = {agent_id: Counter() for agent_id in agents}
    for version_id, times in raw.items():
        of_agents[owners[version_id]]["download_count"] += times
    for (version_id, _), tally in days.items():
        of_agents[owners[version_id]]["downloads_30d"] += tally["downloads"]
        of_agents[owners[version_id]]["signed_in_30d"] += tally["signed_in"]
    for agent_id, sums in of_agents.items():
        more = {column: F(column) + number for column, number in sums.items() if number}
        if more:
            Agent.objects.filter(pk=agent_id).update(**more, revision=F("revision") + 1)


def _add_networks(visits: Collection[Visit], new: set[str]) -> None:
    """Of an agent on a day: those that were not yet there for one of its versions."""
    came: dict[tuple[UUID, date], set[str]] = {}
    for visit in visits:
        if visit.kind is Kind.DOWNLOAD and _network_mark(visit) in new:
            came.setdefault((visit.agent_id, visit.day), set()).add(visit.network)
    for (agent_id, day), networks in came.items():
        about = note_networks(agent_id, day, networks)
        Agent.objects.filter(pk=agent_id).update(networks_30d=about)


# --- The thread ------------------------------------------------------------------------------


class DownloadCounter:
    """One per process; its thread starts with the first visit and ends with the process."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Begin with nothing: a fork has neither the thread nor the visits, which are its
        parent's to write."""
        self._changed = threading.Condition()
        self._waiting: Counter[Visit] = Counter()
        self._is_writing = False
        self._is_ending = False
        self._thread: threading.Thread | None = None

    def add(self, visit: Visit) -> None:
        """Say that it happened; gives at once, and is written within moments."""
        with self._changed:
            if len(self._waiting) >= MOST_WAITING and visit not in self._waiting:
                return  # The log has said for long that the database does not answer.
            self._waiting[visit] += 1
            if self._thread is None or not self._thread.is_alive():
                self._start()
            self._changed.notify_all()

    def _start(self) -> None:
        self._is_ending = self._is_writing = False
        self._thread = threading.Thread(target=self._write_for_ever, daemon=True)
        self._thread.start()

    def finish(self, within: float = FINISH_WITHIN) -> bool:
        """Wait until all is written, at most so many seconds. Gives whether it is."""
        with self._changed:
            self._is_ending = True
            self._changed.notify_all()
            done = self._changed.wait_for(lambda: not (self._waiting or self._is_writing), within)
            left = self._waiting.total()
            self._is_ending = False
        if not done:
            log.error("%s fetches were not counted: the process ends", left)
        return done

    def _write_for_ever(self) -> None:
        while True:
            visits = self._take()
            is_good = self._write(visits)
            with self._changed:
                self._is_writing = False
                self._changed.notify_all()
                if is_good:
                    breath = min(LONGEST_BREATH, BREATH * len(visits))
                    self._changed.wait_for(lambda: self._is_ending, breath)
                else:
                    self._changed.wait_for(lambda: False, PAUSE)

    def _take(self) -> Counter[Visit]:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting)
            taken = Counter({v: self._waiting[v] for v in islice(self._waiting, MOST_AT_ONCE)})
            for visit in taken:
                del self._waiting[visit]
            self._is_writing = True
        return taken

    def _write(self, visits: Counter[Visit]) -> bool:
        """Whether it was written. What the database cannot take now is tried again; what it can
        never take is dropped, and the log says so."""
        try:
            write_visits(visits)
        except IntegrityError:
            log.exception("%s fetches could not be counted", visits.total())
        except DatabaseError:
            log.warning("%s fetches wait to be counted", visits.total(), exc_info=True)
            with self._changed:
                self._waiting.update(visits)
            return False
        except Exception:
            log.exception("%s fetches could not be counted", visits.total())
        finally:
            close_old_connections()
        return True


_counter = DownloadCounter()
atexit.register(_counter.finish)
os.register_at_fork(after_in_child=_counter.forget)


def finish_counting() -> bool:
    """For the orderly end of a process: write what waits. Gives whether all is written."""
    return _counter.finish()


def count_visit(visit: Visit) -> None:
    """Count one visit: at once inside somebody's transaction, else within moments."""
    if connection.in_atomic_block:
        # Inside somebody's transaction another connection would wait for that transaction's end.
        write_visits(Counter({visit: 1}))
    else:
        _counter.add(visit)
