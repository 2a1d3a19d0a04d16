"""Django's local memory cache, bounded by bytes."""

from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.locmem import LocMemCache

# About what a key and its place in three dictionaries take.
ENTRY_OVERHEAD = 400
# Larger values would displace too many others.
LARGEST_SHARE = 8
DEFAULT_MAX_BYTES = 16 * 1024 * 1024

# Like Django's own store, shared by all instances of one name: every thread has its own instance.
_sizes: dict[str, int] = {}


class BoundedLocalMemoryCache(LocMemCache):
    """Drops the least recently used entries when it exceeds ``OPTIONS["MAX_BYTES"]``."""

    _cache: Any
    _expire_info: Any
    _max_entries: int

    def __init__(self, name: str, params: dict[str, Any]) -> None:
        super().__init__(name, params)
        self._name = name
        options = params.get("OPTIONS", {})
        self._max_bytes = int(options.get("MAX_BYTES", DEFAULT_MAX_BYTES))
        _sizes.setdefault(name, 0)

    @property
    def size(self) -> int:
        """Bytes of all entries, with an estimate of their overhead."""
        return _sizes[self._name]

    # The parent calls these three with its lock held.

    def _set(self, key: str, value: bytes, timeout: Any = DEFAULT_TIMEOUT) -> None:
        self._delete(key)
        size = len(value) + ENTRY_OVERHEAD
        # After the deletion above, so that a value that is too large leaves no former one behind.
        if size > self._max_bytes // LARGEST_SHARE:
            return
        while self._cache and (
            len(self._cache) >= self._max_entries or self.size + size > self._max_bytes
        ):
            self._delete(next(reversed(self._cache)))  # The least recently used.
        super()._set(key, value, timeout)  # type: ignore[misc]
        _sizes[self._name] += size

    def _delete(self, key: str) -> bool:
        value = self._cache.get(key)
        is_deleted: bool = super()._delete(key)  # type: ignore[misc]
        if is_deleted:
            _sizes[self._name] -= len(value) + ENTRY_OVERHEAD
        return is_deleted

    def clear(self) -> None:
        super().clear()
        _sizes[self._name] = 0
