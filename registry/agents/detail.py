"""What pages show of agents, gathered with a constant number of queries.

A `Row` is one agent in a list, a `Sheet` one version in full.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.functions import Coalesce

from registry.agents.queries import assets_of, find_version, tags_of, withholding_of
from registry.agents.trust import IN_A_TRUST_ROW, RowTrust, trust_in_rows
from registry.analysis.facts import analyse
from registry.analysis.model import ANALYZER_VERSION, Analysis
from registry.analysis.summary import FactSummary, read_summary
from registry.models import (
    Agent,
    AgentQuerySet,
    Channel,
    Version,
    VersionAnalysis,
    VersionAsset,
    VersionFile,
    VersionFinding,
    VersionRendering,
    VersionWithholding,
)

FINDINGS_SHOWN = 50
RELEASE_NOTES = "release_notes"


@dataclass(frozen=True, slots=True)
class Shown:
    """``version`` is the one that a list speaks of: latest, or the newest where there is none."""

    agent: Agent
    version: Version


@dataclass(frozen=True, slots=True)
class Row:
    """One agent in a list. Plain values alone: rows that are equal look the same.

    ``icon`` is the picture's id; ``brief`` counts what the version declares.
    """

    id: UUID
    scope: str
    name: str
    display_name: str
    tagline: str
    version: str
    channel: str
    license: str
    icon: str | None
    avg_rating: float | None
    review_count: int
    updated_at: datetime
    downloads_30d: int
    brief: FactSummary
    trust: RowTrust

    @property
    def full_id(self) -> str:
        return f"@{self.scope}/{self.name}"

    @property
    def channel_name(self) -> str:
        return Channel(self.channel).label


@dataclass(frozen=True)
class Sheet:
    agent: Agent
    version: Version
    # What the version will do; None while it is withheld.
    analysis: Analysis | None
    tags: list[str]
    assets: list[VersionAsset]
    findings: list[VersionFinding]
    renderings: dict[str, VersionRendering]
    version_count: int
    # Why a maintainer keeps its bytes back: then nothing that was computed from them is shown.
    withheld: VersionWithholding | None = None

    @cached_property
    def icon(self) -> VersionAsset | None:
        return next((a for a in self.assets if a.kind == VersionAsset.Kind.ICON), None)

    @cached_property
    def screenshots(self) -> list[VersionAsset]:
        return [a for a in self.assets if a.kind == VersionAsset.Kind.SCREENSHOT]

    @property
    def is_latest(self) -> bool:
        return self.version.pk == self.agent.latest_version_id

    @property
    def is_offered(self) -> bool:
        """Whether it is among what the shop offers, now."""
        is_kept_back = self.version.is_yanked or self.withheld is not None
        return not is_kept_back and not self.agent.is_delisted

    @property
    def has_files(self) -> bool:
        """Whether its files have pages: not those of a draft, nor where no bytes were ever read."""
        is_read = self.analysis is not None and self.analysis.file_count > 0
        return is_read and not self.version._state.adding

    @cached_property
    def readme(self) -> VersionFile | None:
        """The file of the README, whose name may be in any case; None where files have no pages.
        Asked for only where the README is cut."""
        named = VersionFile.objects.filter(version=self.version, path__iexact="readme.md")
        return named.first() if self.has_files else None

    @property
    def findings_not_shown(self) -> int:
        return len(self.findings) - FINDINGS_SHOWN

    @property
    def package_name(self) -> str:
        """What `install` is told: pinned where the version is not what it would take anyway."""
        pin = "" if self.is_latest else f"@{self.version.version}"
        return f"{self.agent.full_id}{pin}"


# Columns of an agent that a row shows as they are.
IN_A_ROW = (
    *("id", "scope", "name", "display_name", "tagline", "license", "avg_rating", "review_count"),
    *("updated_at", "downloads_30d"),
)


def rows_of(agents: AgentQuerySet) -> list[Row]:
    """The agents of one page as rows, in a constant number of queries; those without a version that
    may be shown have none."""
    # Plain values: making models of them would take longer than asking for them.
    found = list(agents.values(*IN_A_ROW, "brief", *IN_A_TRUST_ROW))
    trust = trust_in_rows(found)
    return [row_of(values, trust[values["id"]]) for values in found if values["brief"]]


def row_of(values: Mapping[str, Any], trust: RowTrust) -> Row:
    """``values`` are those of an agent, by column."""
    said = values["brief"]
    return Row(
        **{column: values[column] for column in IN_A_ROW},
        version=said["version"],
        channel=said["channel"],
        icon=said["icon"],
        brief=read_summary(said),
        trust=trust,
    )


def shown_of(agents: AgentQuerySet) -> list[Shown]:
    """The agents, each with the version that speaks for it: two queries."""
    found = list(agents.select_related("latest_version"))
    newest = _newest_versions([agent.pk for agent in found if not agent.latest_version_id])
    shown = {agent.pk: agent.latest_version or newest.get(agent.pk) for agent in found}
    return [Shown(agent, version) for agent in found if (version := shown[agent.pk])]


def _newest_versions(agent_ids: Sequence[UUID]) -> dict[UUID, Version]:
    """For agents without a latest version: the newest that is neither yanked nor withheld."""
    if not agent_ids:
        return {}
    newest = Version.objects.of(OuterRef("pk")).offered().newest_first().values("pk")[:1]
    chosen = Agent.objects.filter(pk__in=agent_ids, latest_version=None).values_list(
        Subquery(newest), flat=True
    )
    return {version.agent_id: version for version in Version.objects.filter(pk__in=chosen)}


def icons_of(version_ids: Iterable[UUID]) -> dict[UUID, VersionAsset]:
    held = VersionWithholding.objects.in_force().filter(version=OuterRef("version"))
    icons = VersionAsset.objects.filter(
        ~Exists(held), version_id__in=list(version_ids), kind=VersionAsset.Kind.ICON
    )
    return {icon.version_id: icon for icon in icons}


def shown_version(agent: Agent, number: str = "") -> Version:
    """The version that the agent's page speaks of: the one asked for, else latest, else the newest
    that is neither yanked nor withheld, else the newest. Marked as withheld or not."""
    if number:
        return find_version(agent, number)
    versions = Version.objects.marked_withheld().select_related("uploaded_by_user__profile")
    if agent.latest_version_id:
        return versions.get(pk=agent.latest_version_id)
    newest = versions.of(agent.pk).newest_first()
    return newest.offered().first() or newest[0]


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands above every tab of an agent."""

    agent: Agent
    version: Version
    icon: VersionAsset | None
    version_count: int
    withheld: VersionWithholding | None


def heading_of(agent: Agent, number: str = "") -> Heading:
    return heading_with(agent, shown_version(agent, number))


def heading_with(agent: Agent, version: Version) -> Heading:
    icon = icons_of([version.pk]).get(version.pk)
    return Heading(agent, version, icon, agent.versions.count(), withholding_of(version))


def heading_around(agent: Agent, version: Version, version_count: int) -> Heading:
    """The same in one query, of a version that is known not to be withheld."""
    icons = VersionAsset.objects.filter(version=version.pk, kind=VersionAsset.Kind.ICON)
    return Heading(agent, version, next(iter(icons[:1]), None), version_count, withheld=None)


def sheet_of(agent: Agent, number: str = "", *, version_count: int | None = None) -> Sheet:
    """Everything that the page of one version shows; refuses an unknown number. ``version_count``
    where it is known already."""
    version = shown_version(agent, number)
    held = withholding_of(version) if version.is_withheld else None
    if held:
        version.manifest = {}  # Its words may be what it is withheld for.
    return Sheet(
        agent=agent,
        version=version,
        analysis=None if held else analysis_of(version),
        tags=tags_of(agent),
        assets=[] if held else assets_of(version),
        findings=[] if held else findings_of(version),
        renderings={} if held else renderings_of(version),
        version_count=agent.versions.count() if version_count is None else version_count,
        withheld=held,
    )


def own_agents(user_id: UUID) -> AgentQuerySet:
    """What somebody owns, the last changed first; ``withheld_count`` is of how many versions the
    bytes are kept back, ``yanked_count`` how many somebody else has yanked."""
    held = VersionWithholding.objects.in_force().filter(version__agent=OuterRef("pk"))
    yanked = Version.objects.of(OuterRef("pk")).yanked().exclude(yanked_by_user=user_id)
    mine = Agent.objects.filter(owner_user_id=user_id).select_related("latest_version")
    counted = mine.annotate(
        withheld_count=_count_by(held, "version__agent"), yanked_count=_count_by(yanked, "agent")
    )
    return counted.order_by("-updated_at", "id")


def _count_by(rows: QuerySet[Any], column: str) -> Coalesce:
    """How many of these rows there are for an outer row that they are bound to by a column."""
    counted = rows.order_by().values(column).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0)


def ledger_of(agent: Agent) -> QuerySet[Version]:
    """Every version of the agent, newest first, with who published and who yanked it; ``held`` is
    why its bytes are kept back."""
    people = ("uploaded_by_user__profile", "yanked_by_user__profile")
    held = Prefetch("withholdings", VersionWithholding.objects.in_force(), to_attr="held")
    versions = Version.objects.of(agent.pk).select_related(*people).prefetch_related(held)
    return versions.defer("manifest").newest_first()


def renderings_of(version: Version) -> dict[str, VersionRendering]:
    """By document; of several rule sets the newest."""
    return {found.document: found for found in version.versionrenderings.order_by("id")}


def analysis_of(version: Version) -> Analysis:
    """What was read from the version's bytes; where they never were (a catalogue that came without
    its packages), what the manifest alone says."""
    return analyses_of([version])[0]


def analyses_of(versions: Sequence[Version]) -> list[Analysis]:
    """The same of several, in one query."""
    kept = VersionAnalysis.objects.filter(version__in=versions, rule_set=ANALYZER_VERSION)
    facts = dict(kept.values_list("version_id", "facts"))
    return [
        Analysis.model_validate(facts[version.pk])
        if version.pk in facts
        else analyse(version.manifest, (), {})
        for version in versions
    ]


def release_notes_of(version_ids: Iterable[UUID]) -> dict[UUID, VersionRendering]:
    """What their authors wrote about these versions, by version; nothing of withheld ones. One
    query."""
    held = VersionWithholding.objects.in_force().filter(version=OuterRef("version"))
    notes = VersionRendering.objects.filter(
        ~Exists(held), version_id__in=list(version_ids), document=RELEASE_NOTES
    )
    return {found.version_id: found for found in notes.order_by("id")}


@dataclass(frozen=True, slots=True)
class PromptSize:
    """How many tokens of a version are always in the prompt; ``change`` against the one before."""

    version: str
    tokens: int
    change: int | None


def prompt_trend(agent: Agent, most: int = 12) -> list[PromptSize]:
    """Of the newest versions that are not withheld and whose bytes were read, the newest first."""
    held = VersionWithholding.objects.in_force().filter(version=OuterRef("version"))
    kept = VersionAnalysis.objects.filter(
        ~Exists(held), version__agent=agent, rule_set=ANALYZER_VERSION
    )
    kept = kept.filter(facts__fileCount__gt=0).order_by("-version__uploaded_at", "version_id")
    columns = ("version__version", "facts__prompt__alwaysTokens")
    sizes = list(kept.values_list(*columns)[: most + 1])
    before = [*(tokens for _, tokens in sizes[1:]), None][: len(sizes)]
    return [
        PromptSize(number, tokens, None if last is None else tokens - last)
        for (number, tokens), last in zip(sizes, before, strict=True)
    ][:most]


def findings_of(version: Version) -> list[VersionFinding]:
    """In the order in which the rules gave them; of several rule sets the newest."""
    found = list(version.versionfindings.order_by("ordering", "id"))
    newest = max((finding.rule_set for finding in found), default="")
    return [finding for finding in found if finding.rule_set == newest]
