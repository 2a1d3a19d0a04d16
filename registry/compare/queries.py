"""Two to four agents side by side: the same facts of each, and where they differ."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db.models import Q, Subquery

from registry.agents.detail import analyses_of, icons_of, shown_of
from registry.analysis.model import Analysis
from registry.errors import CannotCompare
from registry.models import Agent, AgentQuerySet, Version, VersionAsset
from registry.rules.identifiers import scope_and_name

FEWEST, MOST = 2, 4
# What one may be compared with, offered where fewer than two are named.
MOST_BESIDE = 8


@dataclass(frozen=True, slots=True)
class Column:
    """One agent as its latest version is (or the newest, where there is no latest)."""

    agent: Agent
    version: Version
    analysis: Analysis
    icon: VersionAsset | None


@dataclass(frozen=True, slots=True)
class Line:
    """One fact of each agent, in their order: short texts, none where there is nothing.

    ``key`` names the fact for the page; ``differs`` says that not all have the same.
    """

    key: str
    cells: list[tuple[str, ...]]

    @property
    def differs(self) -> bool:
        return len(set(self.cells)) > 1


@dataclass(frozen=True, slots=True)
class SideBySide:
    columns: list[Column]
    lines: list[Line]

    @property
    def differing(self) -> int:
        return sum(line.differs for line in self.lines)


def put_side_by_side(full_ids: Sequence[str]) -> SideBySide:
    """The agents with these ids, in this order, in a constant number of queries. Refuses fewer than
    two, more than four, and ids that nobody finds in the shop."""
    ids = list(dict.fromkeys(full_id.strip().lower() for full_id in full_ids if full_id.strip()))
    if not FEWEST <= len(ids) <= MOST:
        raise CannotCompare
    columns = _columns(ids)
    missing = [full_id for full_id in ids if full_id not in columns]
    if missing:
        raise CannotCompare(f"There is no agent {missing[0][:140]} to compare.")
    chosen = [columns[full_id] for full_id in ids]
    return SideBySide(chosen, [Line(key, [said(one) for one in chosen]) for key, said in LINES])


def beside(full_ids: Sequence[str], most: int = MOST_BESIDE) -> list[Agent]:
    """What one would compare the last of these with: agents of its category, the best known first;
    of all categories where it is not known."""
    scope, name = scope_and_name(full_ids[-1].lower() if full_ids else "")
    known = Agent.objects.filter(scope=scope, name=name).values("category_id")[:1]
    others = best_known().exclude(scope=scope, name=name)
    return list(others.filter(category_id=Subquery(known))[:most]) or list(others[:most])


def best_known() -> AgentQuerySet:
    """All that are listed, the most fetched first."""
    return Agent.objects.listed().order_by("-download_count", "id")


def _columns(ids: list[str]) -> dict[str, Column]:
    wanted = Q(pk__in=[])
    for full_id in ids:
        scope, name = scope_and_name(full_id)
        wanted |= Q(scope=scope, name=name)
    shown = shown_of(Agent.objects.filter(wanted, delisted_at=None).select_related("category"))
    versions = [one.version for one in shown]
    icons = icons_of([version.pk for version in versions])
    return {
        one.agent.full_id: Column(one.agent, one.version, analysis, icons.get(one.version.pk))
        for one, analysis in zip(shown, analyses_of(versions), strict=True)
    }


def _one(value: object) -> tuple[str, ...]:
    return (str(value),) if value else ()


def _prompt(one: Column) -> tuple[str, ...]:
    return (str(one.analysis.prompt.always_tokens),) if one.analysis.file_count else ()


def _yes(answer: bool) -> tuple[str, ...]:
    return ("yes",) if answer else ()


LINES: tuple[tuple[str, Callable[[Column], tuple[str, ...]]], ...] = (
    ("managed", lambda one: tuple(file.target for file in one.analysis.managed)),
    ("yours", lambda one: tuple(file.target for file in one.analysis.yours)),
    ("prompt", _prompt),
    ("secrets", lambda one: tuple(s.key for s in one.analysis.secrets_first_required)),
    ("plugins", lambda one: tuple(plugin.spec for plugin in one.analysis.plugins)),
    ("skills", lambda one: tuple(skill.slug for skill in one.analysis.skills)),
    ("hosts", lambda one: tuple(host.host for host in one.analysis.hosts)),
    ("heartbeat", lambda one: _yes(one.analysis.has_heartbeat)),
    ("boot", lambda one: _yes(one.analysis.starts_at_boot)),
    ("model", lambda one: _one(one.analysis.model.name)),
    ("providers", lambda one: tuple(provider.name for provider in one.analysis.providers)),
    ("license", lambda one: _one(one.agent.license)),
    ("channel", lambda one: _one(one.version.channel)),
)
