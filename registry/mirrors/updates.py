"""What an install can move to."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from foundation.actor import Actor
from foundation.refusals import Invalid
from registry.agents.queries import refuse_delisted
from registry.models import Agent, Channel, Version
from registry.rules.identifiers import scope_and_name
from registry.rules.semver import is_newer, precedence

MOST_INSTALLS = 200
# What says which agent it is, and whether it may be seen.
AGENT_COLUMNS = ("id", "scope", "name", "owner_user_id", "delisted_at", "delisted_reason")


class TooManyInstalls(Invalid):
    code = "invalid_body"


@dataclass(frozen=True, slots=True)
class Installed:
    """``agent_id`` as the client wrote it: ``@scope/name`` in any case."""

    agent_id: str
    version: str


@dataclass(frozen=True, slots=True)
class Update:
    """``yanked`` says that the installed version was yanked, or is withheld."""

    agent_id: str
    installed: str
    to: str
    channel: str
    yanked: bool


def updates_for(installs: Sequence[Installed], *, by: Actor) -> list[Update]:
    """One entry per install that has something to move to; two queries, however many installs.

    A delisted agent has nothing to offer; when nothing else was asked about, the refusal says so.
    """
    if len(installs) > MOST_INSTALLS:
        raise TooManyInstalls(f"Ask about at most {MOST_INSTALLS} installs at a time.")
    agents = _agents_named({install.agent_id.lower() for install in installs})
    _refuse_all_delisted(list(agents.values()), by)
    versions = _versions_of([a for a in agents.values() if not a.is_delisted])
    found = (_update(install, agents, versions) for install in installs)
    return [update for update in found if update is not None]


def _agents_named(ids: set[str]) -> dict[str, Agent]:
    """Exactly those, in one query: for each scope the names that were asked for under it."""
    names: dict[str, set[str]] = defaultdict(set)
    for full_id in ids:
        scope, name = scope_and_name(full_id)
        names[scope].add(name)
    pairs = (Q(scope=scope, name__in=wanted) for scope, wanted in names.items())
    found = Agent.objects.filter(Q(*pairs, _connector=Q.OR)).only(*AGENT_COLUMNS)
    return {agent.full_id: agent for agent in found if agent.full_id in ids} if ids else {}


def _refuse_all_delisted(agents: list[Agent], by: Actor) -> None:
    if agents and all(agent.is_delisted for agent in agents):
        refuse_delisted(agents[0], by)


@dataclass(frozen=True, slots=True)
class _Row:
    version: str
    channel: str
    yanked: bool


def _versions_of(agents: list[Agent]) -> dict[UUID, list[_Row]]:
    rows: dict[UUID, list[_Row]] = defaultdict(list)
    columns = ("agent_id", "version", "channel", "yanked_at", "is_withheld")
    found = Version.objects.filter(agent__in=agents).marked_withheld()
    for row in found.values_list(*columns):
        rows[row[0]].append(_Row(row[1], row[2], row[3] is not None or row[4]))
    return rows


def _update(
    install: Installed, agents: dict[str, Agent], versions: dict[UUID, list[_Row]]
) -> Update | None:
    agent = agents.get(install.agent_id.lower())
    rows = versions.get(agent.pk, []) if agent else []
    installed = next((row for row in rows if row.version == install.version), None)
    if installed is None:
        return None  # Not one of ours: whatever it is, we cannot say what is newer.
    target = _target(installed, rows)
    if target is None:
        return None
    return Update(
        install.agent_id, install.version, target.version, target.channel, installed.yanked
    )


def _target(installed: _Row, rows: list[_Row]) -> _Row | None:
    """Latest if it is newer, or if the installed one was yanked; for who runs a pre-release and
    has no newer stable version, the newest pre-release."""
    alive = [row for row in rows if not row.yanked and row.version != installed.version]
    stable = _newest([row for row in alive if row.channel != Channel.BETA])
    if stable and (installed.yanked or is_newer(stable.version, installed.version)):
        return stable
    if installed.channel != Channel.BETA:
        return None
    beta = _newest([row for row in alive if row.channel == Channel.BETA])
    newer = beta is not None and is_newer(beta.version, installed.version)
    return beta if newer or installed.yanked else None


def _newest(rows: list[_Row]) -> _Row | None:
    return max(rows, key=lambda row: precedence(row.version), default=None)
