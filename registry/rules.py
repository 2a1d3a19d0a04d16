"""What the registry allows, and how versions are ordered. Answers, never acts."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from statistics import median

from semver import Version as SemVer

from foundation.actor import Actor
from registry.models import Agent, Channel

WINDOW_DAYS = 30
GAPS_LOOKED_AT = 100
REASON_LENGTH = 2000
PICK_LENGTH = 200

MAINTAINER_PERMISSIONS = (
    "registry.view_agent",
    "registry.change_agent",
    "registry.view_version",
    "registry.change_version",
    "registry.view_versionwithholding",
    "registry.view_agentpick",
    "registry.view_category",
    "registry.add_category",
    "registry.change_category",
)


def scope_and_name(full_id: str) -> tuple[str, str]:
    """The two parts of ``@scope/name``, as they are written; the at sign may be missing."""
    scope, _, name = full_id.removeprefix("@").partition("/")
    return scope, name


def id_and_number(pinned: str) -> tuple[str, str]:
    """The two parts of ``@scope/name@1.2.3``, the id without its at sign; no number of an agent's
    own id."""
    full_id, _, number = pinned.removeprefix("@").partition("@")
    return full_id, number


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


def days_between(moments: Sequence[datetime]) -> int | None:
    """How many days apart versions usually come: the middle one of the last hundred gaps, of the
    times of their publishes, the newest first. None for fewer than two."""
    last = moments[: GAPS_LOOKED_AT + 1]
    gaps = [(later - earlier) / timedelta(days=1) for later, earlier in pairwise(last)]
    return round(median(gaps)) if gaps else None


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


def may_see_delisted(agent: Agent, actor: Actor) -> bool:
    return actor.is_user(agent.owner_user_id) or (
        actor.user is not None and actor.user.is_maintainer
    )


def may_yank(agent: Agent, actor: Actor) -> bool:
    """Owners yank their own, maintainers anybody's."""
    return actor.is_user(agent.owner_user_id) or (
        actor.user is not None and actor.user.is_maintainer
    )


def may_see_numbers(agent: Agent, actor: Actor) -> bool:
    """How an agent has fared, version by version, is for its owner and for maintainers."""
    return may_yank(agent, actor)


def scope_to_yank(agent: Agent, actor: Actor) -> str:
    """What a key must carry: to yank what is somebody else's is moderation. Whoever moderates may
    yank their own with the same key."""
    is_others = not actor.is_user(agent.owner_user_id)
    moderates = is_others and actor.user is not None and actor.user.is_maintainer
    return "reports:moderate" if moderates or actor.moderates else "agents:yank"


def channel_of(version: str, asked: str | None) -> str | None:
    """The channel that a publish lands on; None where ``asked`` does not fit the version."""
    if is_prerelease(version):
        return Channel.BETA if asked in {None, "", Channel.BETA} else None
    if asked in {None, "", Channel.COMMUNITY}:
        return Channel.COMMUNITY
    return Channel.OFFICIAL if asked == Channel.OFFICIAL else None


def window_start(today: date, days: int = WINDOW_DAYS) -> date:
    """The first day of a window of so many days, of which today is the last."""
    return today - timedelta(days=days - 1)
