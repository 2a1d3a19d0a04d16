"""Synthetic users: publishers and reviewers."""

from dataclasses import dataclass
from datetime import datetime
from random import Random

from clawstore.transfer.columns import exact_time
from devtools.synthetic.random_values import (
    MAX_AGE_DAYS,
    TODAY,
    AscendingIds,
    random_time_before,
)
from devtools.synthetic.words import FIRST_NAMES, SURNAMES
from foundation.export import Row

AGENTS_PER_PUBLISHER = 4
MIN_PUBLISHERS = 3
MIN_REVIEWERS, MAX_REVIEWERS = 12, 2000
FIRST_GITHUB_ID = 1_000_000


@dataclass(frozen=True, slots=True)
class SyntheticPerson:
    id: str
    login: str
    name: str
    github_id: int
    since: datetime


@dataclass(frozen=True, slots=True)
class People:
    publishers: list[SyntheticPerson]
    reviewers: list[SyntheticPerson]

    def all(self) -> list[SyntheticPerson]:
        """Publishers and reviewers by id."""
        return sorted([*self.publishers, *self.reviewers], key=lambda person: person.id)


def make_people(rng: Random, agents: int) -> People:
    """As many people as ``agents`` agents need."""
    publishers = max(MIN_PUBLISHERS, agents // AGENTS_PER_PUBLISHER)
    reviewers = min(MAX_REVIEWERS, max(MIN_REVIEWERS, agents // 10))
    ids, logins = AscendingIds(rng, publishers + reviewers), set[str]()
    people = [_make_person(rng, ids, logins) for _ in range(publishers + reviewers)]
    return People(people[:publishers], people[publishers:])


def _make_person(rng: Random, ids: AscendingIds, logins: set[str]) -> SyntheticPerson:
    """A person with a new login, which is added to ``logins``."""
    first, last = rng.choice(FIRST_NAMES), rng.choice(SURNAMES)
    login = rng.choice((f"{first}-{last}", f"{first}{last}", f"{first[0]}{last}"))
    while login in logins:
        login = f"{login}{rng.randrange(10)}"
    logins.add(login)
    since = random_time_before(rng, TODAY, MAX_AGE_DAYS)
    return SyntheticPerson(
        id=ids.next(),
        login=login,
        name=f"{first} {last}".title(),
        github_id=FIRST_GITHUB_ID + len(logins),
        since=since,
    )


def user_row(person: SyntheticPerson) -> Row:
    return {
        "id": person.id,
        "username": person.login,
        "name": person.name,
        "image": "",
        "is_active": True,
        "created_at": exact_time(person.since),
    }


def profile_row(person: SyntheticPerson) -> Row:
    return {
        "user_id": person.id,
        "bio": None,
        "website": None,
        "location": None,
        "github_login": person.login,
        "avatar_url": None,
        "display_name": person.name,
        "created_at": exact_time(person.since),
        "updated_at": exact_time(person.since),
        "picture_key": None,
        "picture_sha256": None,
        "picture_size_bytes": None,
    }


def scope_row(person: SyntheticPerson) -> Row:
    return {
        "name": person.login,
        "github_id": person.github_id,
        "subject": None,
        "holder_id": person.id,
        "created_at": exact_time(person.since),
        "reason": None,
        "derived_from": None,
        "mirrored_from": "",
        "mirrored_at": None,
    }
