"""Find updates for installed agents."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from foundation.actor import Actor
from foundation.refusals import Invalid
from registry.agents.queries import refuse_delisted
from registry.models import Agent, Channel, Version
from registry.rules.identifiers import scope_and_name
from registry.rules.semver import is_newer, precedence

MAX_INSTALLS = 200
# The columns that identify an agent and decide whether it may be seen.
AGENT_COLUMNS = ("id", "scope", "name", "owner_user_id", "delisted_at", "delisted_reason")


class TooManyInstalls(Invalid):
    code = "invalid_body"


@dataclass(frozen=True, slots=True)
class InstalledAgent:
    """``agent_id`` is ``@scope/name`` in the letter case that the client sent."""

    agent_id: str
    version: str


@dataclass(frozen=True, slots=True)
class AvailableUpdate:
    """``yanked``: the installed version is yanked or withheld."""

    agent_id: str
    installed: str
    to: str
    channel: str
    yanked: bool


@dataclass(frozen=True, slots=True)
class VersionState:
    """``is_unavailable``: the version is yanked or withheld."""

    version: str
    channel: str
    is_unavailable: bool


def find_updates(installs: Sequence[InstalledAgent], *, by: Actor) -> list[AvailableUpdate]:
    """An entry for each install that has an update, from two queries for all of them.

    Unknown agents, unknown versions and delisted agents have no updates. Raises `TooManyInstalls`,
    and `AgentDelisted` if every known agent is delisted.
    """
    if len(installs) > MAX_INSTALLS:
        raise TooManyInstalls(f"Send at most {MAX_INSTALLS} installs at a time.")
    agents = _load_agents({install.agent_id.lower() for install in installs})
    if agents and all(agent.is_delisted for agent in agents.values()):
        refuse_delisted(next(iter(agents.values())), by)
    versions = _load_versions(agent for agent in agents.values() if not agent.is_delisted)
    updates = []
    for install in installs:
        agent = agents.get(install.agent_id.lower())
        states = versions.get(agent.pk, []) if agent else []
        installed = next((state for state in states if state.version == install.version), None)
        target = _select_target(installed, states) if installed else None
        if installed and target:
            updates.append(
                AvailableUpdate(
                    agent_id=install.agent_id,
                    installed=install.version,
                    to=target.version,
                    channel=target.channel,
                    yanked=installed.is_unavailable,
                )
            )
    return updates


def _load_agents(ids: set[str]) -> dict[str, Agent]:
    if not ids:
        return {}
    names: defaultdict[str, set[str]] = defaultdict(set)
    for full_id in ids:
        scope, name = scope_and_name(full_id)
        names[scope].add(name)
    # One condition per scope: one per agent would make a deep expression of 200 parts.
    conditions = [Q(scope=scope, name__in=scope_names) for scope, scope_names in names.items()]
    agents = Agent.objects.filter(Q(*conditions, _connector=Q.OR)).only(*AGENT_COLUMNS)
    return {agent.full_id: agent for agent in agents if agent.full_id in ids}


def _load_versions(agents: Iterable[Agent]) -> dict[UUID, list[VersionState]]:
    # Plain values: an agent may have a thousand versions, and their rows are large.
    states: defaultdict[UUID, list[VersionState]] = defaultdict(list)
    columns = ("agent_id", "version", "channel", "yanked_at", "is_withheld")
    versions = Version.objects.filter(agent__in=list(agents)).marked_withheld()
    for agent_id, version, channel, yanked_at, is_withheld in versions.values_list(*columns):
        is_unavailable = yanked_at is not None or is_withheld
        states[agent_id].append(VersionState(version, channel, is_unavailable))
    return states


def _select_target(installed: VersionState, states: list[VersionState]) -> VersionState | None:
    """The version to update to; None if there is none.

    That is the highest stable version, if it is newer or the installed one is unavailable. For an
    installed pre-release without such a version it is the highest pre-release, on the same terms.
    """
    available = [
        state for state in states if not state.is_unavailable and state.version != installed.version
    ]
    # A stable version is offered also to users of pre-releases, as soon as it is newer.
    stable = _highest(state for state in available if state.channel != Channel.BETA)
    if stable and (installed.is_unavailable or is_newer(stable.version, installed.version)):
        return stable
    if installed.channel != Channel.BETA:
        return None
    beta = _highest(state for state in available if state.channel == Channel.BETA)
    if beta and (installed.is_unavailable or is_newer(beta.version, installed.version)):
        return beta
    return None


def _highest(states: Iterable[VersionState]) -> VersionState | None:
    return max(states, key=lambda state: precedence(state.version), default=None)
