"""SemVer order of versions, predecessors and channels."""

from collections.abc import Iterable
from functools import lru_cache

from semver import Version as SemVer

from registry.models import Channel


@lru_cache(maxsize=4096)
def precedence(version: str) -> SemVer:
    """The version as an object that compares by SemVer 2.0.0, ignoring build metadata."""
    return SemVer.parse(version)


def is_newer(version: str, other_version: str) -> bool:
    return precedence(version) > precedence(other_version)


def newest(versions: Iterable[str]) -> str | None:
    """The highest version by precedence, or None."""
    return max(versions, key=precedence, default=None)


def is_prerelease(version: str) -> bool:
    return precedence(version).prerelease is not None


@lru_cache(maxsize=4096)
def order_of(version: str) -> tuple[object, ...]:
    """A sort key with the order of `precedence`, which is much slower to compare."""
    order = precedence(version)
    parts = (order.prerelease or "").split(".")
    # SemVer 2.0.0: numbers compare as numbers, and are lower than words.
    identifiers = tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts)
    return order.major, order.minor, order.patch, order.prerelease is None, identifiers


def predecessors(versions: Iterable[str]) -> dict[str, str | None]:
    """The version that users upgrade from, by version, highest version first.

    For a stable version it is the highest lower stable version. For a pre-release, or without a
    stable one, it is the highest lower version of all.
    """
    last: str | None = None
    last_stable: str | None = None
    result: dict[str, str | None] = {}
    for version in sorted(versions, key=order_of):
        result[version] = last if is_prerelease(version) else last_stable or last
        last = version
        last_stable = last_stable if is_prerelease(version) else version
    return dict(reversed(result.items()))


def channel_of(version: str, requested_channel: str | None) -> str | None:
    """The channel of a publish, None if ``requested_channel`` does not fit."""
    if is_prerelease(version):
        return Channel.BETA if requested_channel in {None, "", Channel.BETA} else None
    if requested_channel in {None, "", Channel.COMMUNITY}:
        return Channel.COMMUNITY
    return Channel.OFFICIAL if requested_channel == Channel.OFFICIAL else None
