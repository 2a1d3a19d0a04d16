"""Find updates for installed agents."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Case, F, OuterRef, Q, Subquery, TextField, When
from django.db.models.functions import Cast, Length

from foundation.actor import Actor
from foundation.refusals import Invalid
from registry.agents.derived_data import find_facts
from registry.agents.former_addresses import present_ids
from registry.agents.moves import MOVE_COLUMNS, is_newly_moved
from registry.agents.provenance import (
    ProvenanceChange,
    compare_provenance,
    describe_provenance_change,
    get_provenance,
)
from registry.agents.queries import refuse_delisted
from registry.analysis.diff.capabilities import CapabilityChange, diff_capabilities
from registry.analysis.manifest_facts import read_declared_facts
from registry.analysis.model import Analysis
from registry.models import Agent, Channel, Version, VersionAnalysis
from registry.rules.identifiers import scope_and_name
from registry.rules.semver import is_newer, precedence

MAX_INSTALLS = 200
# Characters of facts that one request reads, which takes about a second. Those of a usual version
# are some thousands.
MAX_FACTS_LENGTH = 16_000_000
# The columns that identify an agent and decide whether it may be seen.
AGENT_COLUMNS = (
    *("id", "scope", "name", "owner_user_id", "delisted_at", "delisted_reason"),
    *("deprecated_at", "deprecation_reason", "successor", "deprecated_versions"),
    *MOVE_COLUMNS,
)


class TooManyInstalls(Invalid):
    code = "invalid_body"


@dataclass(frozen=True, slots=True)
class InstalledAgent:
    """``agent_id`` is ``@scope/name`` in the letter case that the client sent."""

    agent_id: str
    version: str


@dataclass(frozen=True, slots=True)
class AvailableUpdate:
    """``is_yanked``: the installed version is yanked or withheld.

    ``capabilities`` are the changes that expand access. They are None while the contents of the
    installed version are withheld. ``present_id`` differs from ``agent_id`` if the agent moved.
    ``provenance_change`` is None if both versions have the same source.
    """

    agent_id: str
    present_id: str
    installed_version: str
    to: str
    channel: str
    is_yanked: bool
    capabilities: tuple[CapabilityChange, ...] | None
    provenance_change: ProvenanceChange | None
    provenance_text: str


@dataclass(frozen=True, slots=True)
class DeprecatedInstall:
    """An installed agent or version that its publisher advises against.

    ``successor`` is the id of the agent to use instead, or blank.
    """

    install: InstalledAgent
    reason: str
    successor: str


@dataclass(frozen=True, slots=True)
class MovedInstall:
    """An install under a former id, or of an agent that got another publisher lately."""

    install: InstalledAgent
    agent: Agent


@dataclass(frozen=True, slots=True)
class UpdateCheck:
    updates: list[AvailableUpdate]
    deprecated_installs: list[DeprecatedInstall]
    moved_installs: list[MovedInstall]


@dataclass(frozen=True, slots=True)
class VersionState:
    """``is_unavailable``: the version is yanked or withheld."""

    pk: UUID
    version: str
    channel: str
    is_unavailable: bool
    is_withheld: bool


def check_installs(installs: Sequence[InstalledAgent], *, by: Actor) -> UpdateCheck:
    """The installs with an update, deprecated or moved ones, from six queries at most.

    Unknown agents, unknown versions and delisted agents have no updates. Raises `TooManyInstalls`,
    and `AgentDelisted` if every known agent is delisted.
    """
    if len(installs) > MAX_INSTALLS:
        raise TooManyInstalls(f"Send at most {MAX_INSTALLS} installs at a time.")
    agents = _load_agents({install.agent_id.lower() for install in installs})
    if agents and all(agent.is_delisted for agent in agents.values()):
        refuse_delisted(next(iter(agents.values())), by)
    versions = _load_versions(agent for agent in agents.values() if not agent.is_delisted)
    moves: list[tuple[InstalledAgent, VersionState, VersionState]] = []
    for install in installs:
        agent = agents.get(install.agent_id.lower())
        states = versions.get(agent.pk, []) if agent else []
        installed_state = next(
            (state for state in states if state.version == install.version), None
        )
        target = _select_target(installed_state, states) if installed_state else None
        if installed_state and target:
            moves.append((install, installed_state, target))
    growth = _load_growth({(old, new) for _, old, new in moves})
    pks = {state.pk for _, old, new in moves for state in (old, new)}
    provenance = get_provenance(pks) if pks else {}
    updates = [
        AvailableUpdate(
            agent_id=install.agent_id,
            present_id=agents[install.agent_id.lower()].full_id,
            installed_version=old.version,
            to=new.version,
            channel=new.channel,
            is_yanked=old.is_unavailable,
            capabilities=growth.get((old, new)),
            provenance_change=compare_provenance(provenance.get(old.pk), provenance.get(new.pk)),
            provenance_text=describe_provenance_change(
                provenance.get(old.pk), provenance.get(new.pk)
            ),
        )
        for install, old, new in moves
    ]
    return UpdateCheck(
        updates,
        list(_deprecated_installs(installs, agents)),
        list(_moved_installs(installs, agents)),
    )


def _visible_installs(
    installs: Sequence[InstalledAgent], agents: dict[str, Agent]
) -> Iterator[tuple[InstalledAgent, Agent]]:
    """Yield the installs of agents that the shop shows, each with its agent."""
    for install in installs:
        agent = agents.get(install.agent_id.lower())
        if agent is not None and not agent.is_delisted:
            yield install, agent


def _moved_installs(
    installs: Sequence[InstalledAgent], agents: dict[str, Agent]
) -> Iterator[MovedInstall]:
    for install, agent in _visible_installs(installs, agents):
        if install.agent_id.lower() != agent.full_id or is_newly_moved(agent):
            yield MovedInstall(install, agent)


def _deprecated_installs(
    installs: Sequence[InstalledAgent], agents: dict[str, Agent]
) -> Iterator[DeprecatedInstall]:
    for install, agent in _visible_installs(installs, agents):
        if agent.deprecated_at is not None:
            yield DeprecatedInstall(install, agent.deprecation_reason, agent.successor)
        elif entry := agent.deprecated_versions.get(install.version):
            yield DeprecatedInstall(install, entry["reason"], "")


def _load_growth(
    pairs: Collection[tuple[VersionState, VersionState]],
) -> dict[tuple[VersionState, VersionState], tuple[CapabilityChange, ...]]:
    """The changes that expand access by pair; none if contents are withheld."""
    open_pairs = [pair for pair in pairs if not any(state.is_withheld for state in pair)]
    if not open_pairs:
        return {}
    facts = _load_facts({state.pk for pair in open_pairs for state in pair})
    return {
        (old, new): tuple(
            change for change in diff_capabilities(facts[old.pk], facts[new.pk]) if change.grows
        )
        for old, new in open_pairs
    }


def _load_facts(version_ids: Collection[UUID]) -> dict[UUID, Analysis]:
    """The facts by version.

    Raises TooManyInstalls, because hostile packages have megabytes of facts.
    """
    analyses = VersionAnalysis.objects.filter(version=OuterRef("pk")).order_by("-id")
    length = Subquery(analyses.values(length=Length(Cast("facts", TextField())))[:1])
    # A manifest can be large, too, and is needed only without facts.
    manifest = Case(When(facts_length=None, then=F("manifest")), default=None)
    versions = Version.objects.filter(pk__in=version_ids).annotate(facts_length=length)
    rows = list(versions.annotate(bare=manifest).values_list("pk", "facts_length", "bare"))
    if sum(length or 0 for _, length, _ in rows) > MAX_FACTS_LENGTH:
        raise TooManyInstalls("These versions have too many facts for one request. Send fewer.")
    bare = {pk: read_declared_facts(manifest) for pk, _, manifest in rows if manifest is not None}
    return bare | find_facts(version_ids)


def _load_agents(ids: set[str]) -> dict[str, Agent]:
    """The agents by the ids that were asked for; former ids lead to moved agents."""
    agents = _load_present_agents(ids)
    # Most requests name no unknown id, and cost no query here.
    new_ids = present_ids(ids - agents.keys())
    moved_agents = _load_present_agents(set(new_ids.values()))
    return agents | {former_id: moved_agents[new_id] for former_id, new_id in new_ids.items()}


def _load_present_agents(ids: set[str]) -> dict[str, Agent]:
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
    columns = ("pk", "agent_id", "version", "channel", "yanked_at", "is_withheld")
    versions = Version.objects.filter(agent__in=list(agents)).marked_withheld()
    for pk, agent_id, version, channel, yanked_at, is_withheld in versions.values_list(*columns):
        is_unavailable = yanked_at is not None or is_withheld
        states[agent_id].append(VersionState(pk, version, channel, is_unavailable, is_withheld))
    return states


def _select_target(
    installed_state: VersionState, states: list[VersionState]
) -> VersionState | None:
    """The version to update to; None if there is none.

    That is the highest stable version, if it is newer or the installed one is unavailable. For an
    installed pre-release without such a version it is the highest pre-release, on the same terms.
    """
    available = [
        state
        for state in states
        if not state.is_unavailable and state.version != installed_state.version
    ]
    # A stable version is offered also to users of pre-releases, as soon as it is newer.
    stable = _highest(state for state in available if state.channel != Channel.BETA)
    if stable and (
        installed_state.is_unavailable or is_newer(stable.version, installed_state.version)
    ):
        return stable
    if installed_state.channel != Channel.BETA:
        return None
    beta = _highest(state for state in available if state.channel == Channel.BETA)
    if beta and (installed_state.is_unavailable or is_newer(beta.version, installed_state.version)):
        return beta
    return None


def _highest(states: Iterable[VersionState]) -> VersionState | None:
    return max(states, key=lambda state: precedence(state.version), default=None)
