"""Places of streams: of a process, of a caller, of all strangers together."""

from threading import Lock
from weakref import WeakKeyDictionary

from django.conf import settings

from clawstore.ops.event_stream import EventStream
from foundation.refusals import Unavailable

RETRY_AFTER = 30


class TooManyStreams(Unavailable):
    code = "too_many_streams"
    message = "Too many streams are open."
    remediation = "End a stream, or ask again after Retry-After; resources can be read meanwhile."


class StreamPlaces:
    """Places of streams in this process.

    A stream that is gone holds none: a middleware that fails replaces an answer without closing it.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._holders: WeakKeyDictionary[EventStream, str] = WeakKeyDictionary()

    @property
    def count(self) -> int:
        return len(self._holders)

    def take(self, stream: EventStream, holder: str) -> None:
        """Take a place for a stream. Raises TooManyStreams.

        ``holder`` is ``user:…`` or ``network:…``.
        """
        with self._lock:
            if not self._is_free_for(holder):
                raise TooManyStreams(retry_after=RETRY_AFTER)
            self._holders[stream] = holder

    def give_back(self, stream: EventStream) -> None:
        """Give the place of a stream back, if it has one."""
        self._holders.pop(stream, None)

    def _is_free_for(self, holder: str) -> bool:
        limit, holders = settings.MCP_STREAMS, list(self._holders.values())
        if len(holders) >= limit or holders.count(holder) >= max(1, limit // 4):
            return False
        # Addresses cost nothing, so those without an account leave places for the others.
        stranger_count = sum(not _is_user(name) for name in holders)
        return _is_user(holder) or stranger_count < max(1, limit // 2)


def _is_user(holder: str) -> bool:
    return holder.startswith("user:")


PLACES = StreamPlaces()
