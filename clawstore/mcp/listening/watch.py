"""The thread that looks for changes, while this process has streams."""

import logging
import threading
import time
from collections.abc import Collection

from django.db import DatabaseError, close_old_connections, connections

from clawstore.mcp.listening.listener import Listener, Present
from clawstore.mcp.listening.stamps import read_list_stamp, read_stamps

log = logging.getLogger("clawstore.mcp")
POLL_SECONDS = 0.5
CONFIRM_SECONDS = 5.0
"""How often the credential of a silent stream is read anew; before each event it is, too."""


class ChangeWatch:
    """Tells all listeners of a process of changes that any process has committed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: set[Listener] = set()
        self._thread: threading.Thread | None = None
        self._confirmed_at = 0.0
        self._has_failed = False

    def add(self, listener: Listener) -> None:
        with self._lock:
            self._listeners.add(listener)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="mcp-watch", daemon=True)
                self._thread.start()

    def remove(self, listener: Listener) -> None:
        with self._lock:
            self._listeners.discard(listener)

    def _run(self) -> None:
        try:
            while True:
                time.sleep(POLL_SECONDS)
                with self._lock:
                    if not self._listeners:
                        self._thread = None
                        return
                    listeners = list(self._listeners)
                self._look_once(listeners)
        finally:
            connections.close_all()

    def _look_once(self, listeners: Collection[Listener]) -> None:
        try:
            self.look(listeners)
            self._has_failed = False
        except Exception as error:
            # Stamps stay as they were, so the next look that succeeds tells of what was missed.
            # One entry for each time of failure, which may be long, as a look comes soon again.
            if not self._has_failed:
                is_outage = isinstance(error, DatabaseError)
                level = logging.WARNING if is_outage else logging.ERROR
                log.log(level, "Streams of MCP could not look for changes", exc_info=True)
            self._has_failed = True
        finally:
            close_old_connections()

    def look(self, listeners: Collection[Listener]) -> None:
        """Compare all stamps with those before, and tell each listener what it may know."""
        present = read_present(listeners)
        is_due = time.monotonic() - self._confirmed_at >= CONFIRM_SECONDS
        if is_due:
            self._confirmed_at = time.monotonic()
        for listener in listeners:
            changes = listener.find_changes(present)
            if changes.is_empty and not is_due:
                continue
            if listener.confirm_actor():
                listener.tell_changes(changes, present)
            else:
                listener.finish()


def read_present(listeners: Collection[Listener]) -> Present:
    """Return the stamps of all topics, in a constant number of queries."""
    stamps = read_stamps(
        {topic for row in listeners for topic in row.subscriptions.topics.values()}
    )
    wants_list = any(row.subscriptions.has_resource_list for row in listeners)
    return Present(stamps, read_list_stamp() if wants_list else None)


WATCH = ChangeWatch()
