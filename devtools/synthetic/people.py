"""People who publish and people who review."""

from dataclasses import dataclass
from datetime import datetime
from random import Random

from clawstore.transfer.columns import exact_time
from devtools.synthetic.dice import OLDEST_DAYS, TODAY, Ids, moment_before
from devtools.synthetic.words import FIRST_NAMES, SURNAMES
from foundation.export import Row

AGENTS_PER_PUBLISHER = 4
MOST_REVIEWERS = 2000


@dataclass(frozen=True, slots=True)
class Someone:
    id: str
    login: str
    name: str
    github_id: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Crowd:
    publishers: list[Someone]
    reviewers: list[Someone]

    def everybody(self) -> list[Someone]:
        return sorted([*self.publishers, *self.reviewers], key=lambda someone: someone.id)


def gather(dice: Random, agents: int) -> Crowd:
    """Enough people for so many agents; most publish a few, some reviewers publish nothing."""
    publishers = max(3, agents // AGENTS_PER_PUBLISHER)
    reviewers = min(MOST_REVIEWERS, max(12, agents // 10))
    ids, taken = Ids(dice, publishers + reviewers), set[str]()
    everybody = [_someone(dice, ids, taken) for _ in range(publishers + reviewers)]
    return Crowd(everybody[:publishers], everybody[publishers:])


def _someone(dice: Random, ids: Ids, taken: set[str]) -> Someone:
    first, last = dice.choice(FIRST_NAMES), dice.choice(SURNAMES)
    login = dice.choice((f"{first}-{last}", f"{first}{last}", f"{first[0]}{last}"))
    while login in taken:
        login = f"{login}{dice.randrange(10)}"
    taken.add(login)
    since = moment_before(dice, TODAY, OLDEST_DAYS)
    return Someone(ids.next(), login, f"{first} {last}".title(), 1_000_000 + len(taken), since)


def user_row(someone: Someone) -> Row:
    return {
        "id": someone.id,
        "username": someone.login,
        "name": someone.name,
        "image": "",
        "is_active": True,
        "created_at": exact_time(someone.since),
    }


def profile_row(someone: Someone) -> Row:
    return {
        "user_id": someone.id,
        "bio": None,
        "website": None,
        "location": None,
        "github_login": someone.login,
        "avatar_url": None,
        "display_name": someone.name,
        "created_at": exact_time(someone.since),
        "updated_at": exact_time(someone.since),
        "picture_key": None,
        "picture_sha256": None,
        "picture_size_bytes": None,
    }


def scope_row(someone: Someone) -> Row:
    return {
        "name": someone.login,
        "github_id": someone.github_id,
        "holder_id": someone.id,
        "created_at": exact_time(someone.since),
    }
