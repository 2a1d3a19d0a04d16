"""Cache access that never fails: without the cache the site is only slower."""

import logging
from collections.abc import Sequence
from time import monotonic
from typing import Any

from django.core.cache import caches

log = logging.getLogger("clawstore.cache")

# Seconds. After a failure (Redis is away) nothing is asked for so long, so that not every request
# waits for a time-out.
PAUSE_AFTER_FAILURE = 10.0
# Seconds. Entries are validated by their key, so this only removes entries that are no longer read.
TIMEOUT = 3600

_paused_until = 0.0


def read(alias: str, key: str) -> Any:
    """The cached value; None where there is none, and while the cache does not answer."""
    if is_away():
        return None
    try:
        return caches[alias].get(key)
    except Exception:
        _pause("read")
        return None


def read_many(alias: str, keys: Sequence[str]) -> dict[str, Any]:
    """The cached values by key, without missing ones; one access to the cache."""
    if is_away():
        return {}
    try:
        return dict(caches[alias].get_many(keys))
    except Exception:
        _pause("read")
        return {}


def write(alias: str, key: str, value: Any, *, timeout: int = TIMEOUT) -> None:
    """Cache a value for ``timeout`` seconds, if the cache answers."""
    write_many(alias, {key: value}, timeout=timeout)


def write_many(alias: str, values: dict[str, Any], *, timeout: int = TIMEOUT) -> None:
    """Cache values by their keys, if the cache answers."""
    if is_away() or not values:
        return
    try:
        caches[alias].set_many(values, timeout)
    except Exception:
        _pause("written")


def is_away() -> bool:
    """Whether the cache did not answer a moment ago."""
    return monotonic() < _paused_until


def _pause(attempt: str) -> None:
    global _paused_until
    _paused_until = monotonic() + PAUSE_AFTER_FAILURE
    log.warning("The cache cannot be %s; going on without it.", attempt, exc_info=True)
