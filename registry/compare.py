"""Two to four agents side by side: the same facts of each, and where they differ."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db.models import Q, Subquery

from registry.analysis.model import ANALYZER, Analysis
from registry.analysis.report import analyse
from registry.errors import CannotCompare
from registry.models import Agent, Version, VersionAnalysis, VersionAsset
from registry.sheets import icons_of, shown_of

FEWEST, MOST = 2, 4


@dataclass(frozen=True, slots=True)
class Compared:
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
class Comparison:
    columns: list[Compared]
    lines: list[Line]

    @property
    def differing(self) -> int:
        return sum(line.differs for line in self.lines)


def compare(full_ids: Sequence[str]) -> Comparison:
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
    return Comparison(chosen, [Line(key, [said(one) for one in chosen]) for key, said in LINES])


def beside(full_ids: Sequence[str], most: int = 8) -> list[Agent]:
    """What one would compare the last of these with: agents of its category, the best known first;
    of all categories where it is not known."""
    scope, _, name = (full_ids[-1] if full_ids else "").lower().removeprefix("@").partition("/")
    known = Agent.objects.filter(scope=scope, name=name).values("category_id")[:1]
    others = Agent.objects.listed().exclude(scope=scope, name=name)
    found = list(
        others.filter(category_id=Subquery(known)).order_by("-download_count", "id")[:most]
    )
    return found or list(others.order_by("-download_count", "id")[:most])


def _columns(ids: list[str]) -> dict[str, Compared]:
    wanted = Q(pk__in=[])
    for full_id in ids:
        scope, _, name = full_id.removeprefix("@").partition("/")
        wanted |= Q(scope=scope, name=name)
    shown = shown_of(Agent.objects.filter(wanted, delisted_at=None).select_related("category"))
    versions = [one.version.pk for one in shown]
    icons = icons_of(versions)
    kept = VersionAnalysis.objects.filter(version__in=versions, rule_set=ANALYZER)
    facts = {found.version_id: found.facts for found in kept}
    return {
        one.agent.full_id: Compared(
            one.agent,
            one.version,
            _analysis(one.version, facts.get(one.version.pk)),
            icons.get(one.version.pk),
        )
        for one in shown
    }


def _analysis(version: Version, facts: object) -> Analysis:
    return Analysis.model_validate(facts) if facts else analyse(version.manifest, (), {})


def _one(value: object) -> tuple[str, ...]:
    return (str(value),) if value else ()


def _prompt(one: Compared) -> tuple[str, ...]:
    return (str(one.analysis.prompt.always_tokens),) if one.analysis.file_count else ()


def _yes(answer: bool) -> tuple[str, ...]:
    return ("yes",) if answer else ()


LINES: tuple[tuple[str, Callable[[Compared], tuple[str, ...]]], ...] = (
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
