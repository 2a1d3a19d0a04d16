"""Versions of synthetic agents: ascending numbers, some beta, some yanked."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any

from clawstore.transfer.columns import exact_time
from devtools.synthetic.random_values import TODAY, AscendingIds, random_time_between
from devtools.synthetic.words import YANK_REASONS
from foundation.export import Row

MAX_VERSIONS = 8
# Of a hundred agents, this many have 1, 2, … 8 versions.
COUNT_WEIGHTS = (30, 22, 15, 11, 8, 6, 5, 3)
BETA_SHARE, YANKED_SHARE = 0.08, 0.03


@dataclass(slots=True)
class SyntheticVersion:
    """``bytes`` is empty for a version that is exported without its package."""

    id: str
    number: str
    uploaded_at: datetime
    downloads: int
    yanked_at: datetime | None = None
    yanked_reason: str | None = None
    bytes: bytes = field(default=b"")

    @property
    def is_beta(self) -> bool:
        return "-" in self.number

    @property
    def is_stable(self) -> bool:
        return not self.is_beta and self.yanked_at is None


def make_versions(
    rng: Random,
    ids: AscendingIds,
    *,
    since: datetime,
    downloads: int,
    max_count: int = MAX_VERSIONS,
) -> list[SyntheticVersion]:
    """All versions of an agent, oldest first; ``downloads`` are split among them."""
    count = min(max_count, rng.choices(range(1, MAX_VERSIONS + 1), COUNT_WEIGHTS)[0])
    times = [since, *sorted(random_time_between(rng, since, TODAY) for _ in range(count - 1))]
    shares = _distribute(rng, downloads, count)
    versions = [
        SyntheticVersion(ids.next(), number, uploaded_at, share)
        for number, uploaded_at, share in zip(_numbers(rng, count), times, shares, strict=True)
    ]
    for version in versions:
        if rng.random() < YANKED_SHARE:
            version.yanked_at = random_time_between(rng, version.uploaded_at, TODAY)
            version.yanked_reason = rng.choice(YANK_REASONS)
    return versions


def _numbers(rng: Random, count: int) -> Iterator[str]:
    """Version numbers in ascending order by SemVer."""
    core = [0, 1, 0] if rng.random() < 0.4 else [1, 0, 0]
    beta = 0
    for _ in range(count):
        if rng.random() < BETA_SHARE:
            beta += 1
            yield f"{core[0]}.{core[1]}.{core[2]}-beta.{beta}"
            continue
        yield f"{core[0]}.{core[1]}.{core[2]}"
        # Patch releases are the most frequent, major ones the least.
        part = rng.choices((0, 1, 2), (1, 4, 6))[0]
        core[part:] = [core[part] + 1, *[0] * (2 - part)]
        beta = 0


def _distribute(rng: Random, total: int, count: int) -> list[int]:
    """``count`` random numbers whose sum is ``total``."""
    shares = []
    for remaining_count in range(count - 1, 0, -1):
        share = int(total * rng.random() / (remaining_count + 1))
        shares.append(share)
        total -= share
    return [*shares, total]


def version_row(
    version: SyntheticVersion, *, agent: Row, manifest: dict[str, Any], rng: Random
) -> Row:
    """The row of an export. Without package bytes its digest and size are made up."""
    placeholder = f"{agent['id']}@{version.number}".encode()
    digest = hashlib.sha256(version.bytes or placeholder).hexdigest()
    folder = f"tarballs/{agent['scope']}/{agent['name']}"
    yanked_at = version.yanked_at
    return {
        "id": version.id,
        "agent_id": agent["id"],
        "version": version.number,
        "channel": "beta" if version.is_beta else "community",
        "manifest": manifest,
        "tarball_r2_key": f"{folder}/{version.number}.{digest}.tgz",
        "tarball_sha256": digest,
        "tarball_size_bytes": len(version.bytes) or rng.randrange(1_500, 60_000),
        "download_count": version.downloads,
        "uploaded_by_user_id": agent["owner_user_id"],
        "uploaded_at": exact_time(version.uploaded_at),
        "yanked_at": exact_time(yanked_at) if yanked_at else None,
        "yanked_by_user_id": agent["owner_user_id"] if yanked_at else None,
        "yanked_reason": version.yanked_reason,
        "yanked_by_co_maintainer": False,
    }
