"""What the registry allows, and how versions are ordered. Answers, never acts."""

from collections.abc import Iterable
from functools import lru_cache

from semver import Version as SemVer

from registry.models import Channel


@lru_cache(maxsize=4096)
def precedence(version: str) -> SemVer:
    """The version as something that compares by SemVer 2.0.0; build metadata does not count."""
    return SemVer.parse(version)


def is_newer(version: str, than: str) -> bool:
    return precedence(version) > precedence(than)


def newest(versions: Iterable[str]) -> str | None:
    """The highest by precedence; None of none."""
    return max(versions, key=precedence, default=None)


def is_prerelease(version: str) -> bool:
    return precedence(version).prerelease is not None


@lru_cache(maxsize=4096)
def order_of(version: str) -> tuple[object, ...]:
    """What sorts as the precedence does, in a fraction of its time."""
    parsed = precedence(version)
    parts = (parsed.prerelease or "").split(".")
    named = tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts)
    return parsed.major, parsed.minor, parsed.patch, parsed.prerelease is None, named


def predecessors(versions: Iterable[str]) -> dict[str, str | None]:
    """By version, highest first, the one that people come from when they get it: for a stable one
    the highest stable below it, for a pre-release (or where there is no stable one) the highest of
    all."""
    last: str | None = None
    last_stable: str | None = None
    found: dict[str, str | None] = {}
    for version in sorted(versions, key=order_of):
        found[version] = last if is_prerelease(version) else last_stable or last
        last = version
        last_stable = last_stable if is_prerelease(version) else version
    return dict(reversed(found.items()))


def channel_of(version: str, asked: str | None) -> str | None:
    """The channel that a publish lands on; None where ``asked`` does not fit the version."""
    if is_prerelease(version):
        return Channel.BETA if asked in {None, "", Channel.BETA} else None
    if asked in {None, "", Channel.COMMUNITY}:
        return Channel.COMMUNITY
    return Channel.OFFICIAL if asked == Channel.OFFICIAL else None
