"""Values that are expensive to compute, cached under a revision."""

from collections.abc import Callable
from hashlib import blake2b
from typing import TypeVar

from foundation.caching import store
from foundation.caching.release import release

T = TypeVar("T")

CACHE = "values"


def cached_value(key: tuple[object, ...], revision: object, compute: Callable[[], T]) -> T:
    """The value of ``compute()``, computed once for each key and revision.

    ``key`` consists of values whose ``repr`` says all about them (strings, numbers, dataclasses of
    these), the first one a name. Read ``revision`` before what the value is computed from: a value
    may be newer than its revision, never older. The value must be picklable, and not None.
    """
    name = digest(key, revision)
    value: T | None = store.read(CACHE, name)
    if value is None:
        value = compute()
        store.write(CACHE, name, value)
    return value


def digest(*parts: object) -> str:
    """A cache key of fixed length for any values, different in each release."""
    return blake2b(repr((release(), *parts)).encode(), digest_size=20).hexdigest()
