"""Places of streams: of a process, of a caller, of all strangers together."""

from collections import Counter
from threading import Lock

from django.conf import settings

from foundation.refusals import Unavailable

RETRY_AFTER = 30


class TooManyStreams(Unavailable):
    code = "too_many_streams"
    message = "Too many streams are open."
    remediation = "End a stream, or ask again after Retry-After; resources can be read meanwhile."


class StreamPlaces:
    """Places of streams in this process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._counts: Counter[str] = Counter()

    @property
    def count(self) -> int:
        return self._counts.total()

    def take(self, holder: str) -> None:
        """Take a place. Raises TooManyStreams.

        ``holder`` is ``user:…`` or ``network:…``.
        """
        with self._lock:
            if not self._is_free_for(holder):
                raise TooManyStreams(retry_after=RETRY_AFTER)
            self._counts[holder] += 1

    def give_back(self, holder: str) -> None:
        with self._lock:
            self._counts[holder] -= 1
            # Otherwise each caller would be remembered for ever.
            self._counts += Counter()

    def _is_free_for(self, holder: str) -> bool:
        limit = settings.MCP_STREAMS
        if self.count >= limit or self._counts[holder] >= max(1, limit // 4):
            return False
        if _is_user(holder):
            return True
        # Addresses cost nothing, so those without an account leave places for the others.
        count = sum(number for name, number in self._counts.items() if not _is_user(name))
        return count < max(1, limit // 2)


def _is_user(holder: str) -> bool:
    return holder.startswith("user:")


PLACES = StreamPlaces()
