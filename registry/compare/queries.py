"""Compare two to four agents: the same facts of each, and where they differ."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db.models import Q, Subquery

from registry.agents.derived_data import get_analyses
from registry.agents.former_addresses import present_ids
from registry.agents.rows import get_icons, list_with_versions
from registry.analysis.model import Analysis
from registry.errors import CannotCompare
from registry.models import Agent, AgentQuerySet, Version, VersionAsset
from registry.rules.identifiers import scope_and_name

MIN_AGENTS, MAX_AGENTS = 2, 4
MAX_SUGGESTIONS = 8
MAX_QUOTED_LENGTH = 140
"""Longest id that an error message repeats."""


@dataclass(frozen=True, slots=True)
class ComparedAgent:
    """An agent with its latest version, or its newest if it has no latest one."""

    agent: Agent
    version: Version
    analysis: Analysis
    icon: VersionAsset | None


@dataclass(frozen=True, slots=True)
class ComparisonRow:
    """One fact of every agent; ``key`` is from ``FACTS``, a cell may be empty."""

    key: str
    cells: list[tuple[str, ...]]

    @property
    def differs(self) -> bool:
        return len(set(self.cells)) > 1


@dataclass(frozen=True, slots=True)
class Comparison:
    agents: list[ComparedAgent]
    rows: list[ComparisonRow]

    @property
    def difference_count(self) -> int:
        return sum(row.differs for row in self.rows)


def _texts(value: object) -> tuple[str, ...]:
    return (str(value),) if value else ()


def _prompt_tokens(agent: ComparedAgent) -> tuple[str, ...]:
    # Without the package the size of its texts is unknown, and 0 would be wrong.
    analysis = agent.analysis
    return (str(analysis.prompt.always_tokens),) if analysis.file_count else ()


# By key, in display order: the texts of an agent's fact.
FACTS: dict[str, Callable[[ComparedAgent], tuple[str, ...]]] = {
    "managed": lambda c: tuple(file.target for file in c.analysis.managed),
    "yours": lambda c: tuple(file.target for file in c.analysis.yours),
    "prompt": _prompt_tokens,
    "secrets": lambda c: tuple(secret.key for secret in c.analysis.secrets_first_required),
    "plugins": lambda c: tuple(plugin.spec for plugin in c.analysis.plugins),
    "skills": lambda c: tuple(skill.name for skill in c.analysis.skills),
    "hosts": lambda c: tuple(host.host for host in c.analysis.hosts),
    "heartbeat": lambda c: ("yes",) if c.analysis.has_heartbeat else (),
    "boot": lambda c: ("yes",) if c.analysis.starts_at_boot else (),
    "model": lambda c: _texts(c.analysis.model.name),
    "providers": lambda c: tuple(provider.name for provider in c.analysis.providers),
    "license": lambda c: _texts(c.agent.license),
    "channel": lambda c: _texts(c.version.get_channel_display()),
}


def compare_agents(full_ids: Sequence[str]) -> Comparison:
    """Compare the agents with these ids, in this order.

    The number of queries is constant. Raises `CannotCompare` for fewer than two or more than four
    different ids, and for an id without a listed agent.
    """
    # The same id twice is one agent.
    ids = [full_id.strip().lower() for full_id in full_ids if full_id.strip()]
    moved_ids = present_ids(ids)
    ids = list(dict.fromkeys(moved_ids.get(full_id, full_id) for full_id in ids))
    if not MIN_AGENTS <= len(ids) <= MAX_AGENTS:
        raise CannotCompare
    agents_by_id = _load_agents(ids)
    missing_ids = [full_id for full_id in ids if full_id not in agents_by_id]
    if missing_ids:
        raise CannotCompare(f"There is no agent {missing_ids[0][:MAX_QUOTED_LENGTH]} to compare.")
    agents = [agents_by_id[full_id] for full_id in ids]
    rows = [ComparisonRow(key, [texts_of(a) for a in agents]) for key, texts_of in FACTS.items()]
    return Comparison(agents, rows)


def _load_agents(ids: list[str]) -> dict[str, ComparedAgent]:
    # Begins with a condition that is never true, so that no ids give no agents.
    is_compared = Q(pk__in=[])
    for full_id in ids:
        scope, name = scope_and_name(full_id)
        is_compared |= Q(scope=scope, name=name)
    agents = Agent.objects.filter(is_compared, delisted_at=None).select_related("category")
    pairs = [(pair.agent, pair.version) for pair in list_with_versions(agents)]
    versions = [version for _, version in pairs]
    icons = get_icons([version.pk for version in versions])
    return {
        agent.full_id: ComparedAgent(agent, version, analysis, icons.get(version.pk))
        for (agent, version), analysis in zip(pairs, get_analyses(versions), strict=True)
    }


@dataclass(frozen=True, slots=True)
class Suggestions:
    """Agents to compare with; ``is_category``: all are of the category of the last id."""

    agents: list[Agent]
    is_category: bool


def suggest_agents(full_ids: Sequence[str]) -> Suggestions:
    """Suggest what to compare with the last id: popular agents of its category.

    Of all categories if the id is unknown or its category has no other agent. Never an agent that
    is among the ids.
    """
    pairs = [scope_and_name(full_id.lower()) for full_id in full_ids]
    candidates = most_downloaded_agents()
    for scope, name in pairs:
        candidates = candidates.exclude(scope=scope, name=name)
    scope, name = pairs[-1] if pairs else ("", "")
    category = Agent.objects.filter(scope=scope, name=name).values("category_id")[:1]
    if in_category := list(candidates.filter(category_id=Subquery(category))[:MAX_SUGGESTIONS]):
        return Suggestions(in_category, is_category=True)
    return Suggestions(list(candidates[:MAX_SUGGESTIONS]), is_category=False)


def most_downloaded_agents() -> AgentQuerySet:
    return Agent.objects.listed().order_by("-download_count", "id")
