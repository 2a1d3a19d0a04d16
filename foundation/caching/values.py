"""Values that are expensive to compute, cached under a revision."""

from collections.abc import Callable, Sequence
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


def cached_values(
    cache: str,
    keys: Sequence[tuple[object, ...]],
    compute: Callable[[Sequence[int]], Sequence[T]],
) -> list[T]:
    """The value of each key, in order, with one access to the named cache for all.

    ``compute`` is called with the indexes of the keys that are missing, if there are any. A key
    contains the revision of its value, or all that it is computed from; else keys and values are as
    for `cached_value`.
    """
    names = [digest(*key) for key in keys]
    values: dict[str, T] = store.read_many(cache, names)
    indexes = [index for index, name in enumerate(names) if name not in values]
    if not indexes:
        return [values[name] for name in names]
    missing_values = dict(zip((names[index] for index in indexes), compute(indexes), strict=True))
    store.write_many(cache, missing_values)
    values |= missing_values
    return [values[name] for name in names]


def digest(*parts: object) -> str:
    """A cache key of fixed length for any values, different in each release."""
    return blake2b(repr((release(), *parts)).encode(), digest_size=20).hexdigest()
