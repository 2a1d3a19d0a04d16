"""The history of one synthetic agent: numbers that grow, some betas, some yanked."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any

from clawstore.transfer.columns import exact_time
from devtools.synthetic.dice import TODAY, moment_between
from devtools.synthetic.words import YANK_REASONS
from foundation.export import Row

MOST_VERSIONS = 8
HOW_MANY = (30, 22, 15, 11, 8, 6, 5, 3)  # Of a hundred agents, so many have 1, 2, … 8 versions.


@dataclass(slots=True)
class Release:
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


def numbers(dice: Random, count: int) -> Iterator[str]:
    """So many version numbers, each strictly newer than the one before."""
    core = [0, 1, 0] if dice.random() < 0.4 else [1, 0, 0]
    beta = 0
    for _ in range(count):
        if dice.random() < 0.08:
            beta += 1
            yield f"{core[0]}.{core[1]}.{core[2]}-beta.{beta}"
            continue
        yield f"{core[0]}.{core[1]}.{core[2]}"
        part = dice.choices((0, 1, 2), (1, 4, 6))[0]
        core[part:] = [core[part] + 1, *[0] * (2 - part)]
        beta = 0


def history(dice: Random, ids: Any, *, since: datetime, downloads: int) -> list[Release]:
    """All versions of one agent, oldest first, its downloads shared among them."""
    count = dice.choices(range(1, MOST_VERSIONS + 1), HOW_MANY)[0]
    times = [since, *sorted(moment_between(dice, since, TODAY) for _ in range(count - 1))]
    shares = _shares(dice, downloads, count)
    released = [
        Release(ids.next(), number, at, share)
        for number, at, share in zip(numbers(dice, count), times, shares, strict=True)
    ]
    for release in released:
        if dice.random() < 0.03:
            release.yanked_at = moment_between(dice, release.uploaded_at, TODAY)
            release.yanked_reason = dice.choice(YANK_REASONS)
    return released


def _shares(dice: Random, total: int, count: int) -> list[int]:
    shares = []
    for left in range(count - 1, 0, -1):
        share = int(total * dice.random() / (left + 1))
        shares.append(share)
        total -= share
    return [*shares, total]


def version_row(release: Release, *, agent: Row, manifest: dict[str, Any], dice: Random) -> Row:
    """The line of one version; without bytes of its own it says what they would have been."""
    made_up = f"{agent['id']}@{release.number}".encode()
    digest = hashlib.sha256(release.bytes or made_up).hexdigest()
    folder = f"tarballs/{agent['scope']}/{agent['name']}"
    yanked = release.yanked_at
    return {
        "id": release.id,
        "agent_id": agent["id"],
        "version": release.number,
        "channel": "beta" if release.is_beta else "community",
        "manifest": manifest,
        "tarball_r2_key": f"{folder}/{release.number}.{digest}.tgz",
        "tarball_sha256": digest,
        "tarball_size_bytes": len(release.bytes) or dice.randrange(1_500, 60_000),
        "download_count": release.downloads,
        "uploaded_by_user_id": agent["owner_user_id"],
        "uploaded_at": exact_time(release.uploaded_at),
        "yanked_at": exact_time(yanked) if yanked else None,
        "yanked_by_user_id": agent["owner_user_id"] if yanked else None,
        "yanked_reason": release.yanked_reason,
    }
