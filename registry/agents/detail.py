"""One version in full, as its page shows it, and the header of an agent's pages."""

from dataclasses import dataclass
from functools import cached_property

from registry.agents.derived_data import get_analysis, get_renderings, list_findings
from registry.agents.queries import find_version, get_withholding, list_assets, list_tags
from registry.agents.rows import get_icons
from registry.analysis.model import Analysis
from registry.models import (
    Agent,
    Version,
    VersionAsset,
    VersionFile,
    VersionFinding,
    VersionRendering,
    VersionWithholding,
)

MAX_FINDINGS = 50
"""Findings that a page lists."""


@dataclass(frozen=True)
class AgentVersionDetail:
    """A version with everything that its page shows.

    While ``withholding`` is set, all that comes from the bytes is empty, and ``analysis`` None.
    """

    agent: Agent
    version: Version
    analysis: Analysis | None
    tags: list[str]
    assets: list[VersionAsset]
    findings: list[VersionFinding]
    renderings: dict[str, VersionRendering]
    version_count: int
    withholding: VersionWithholding | None = None

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
        is_available = not self.version.is_yanked and self.withholding is None
        return is_available and not self.agent.is_delisted

    @property
    def has_files(self) -> bool:
        """Returns whether the files have pages; a draft and an unread version have none."""
        is_read = self.analysis is not None and self.analysis.file_count > 0
        return is_read and not self.version._state.adding

    @cached_property
    def readme(self) -> VersionFile | None:
        """The file of the README, or None if the files have no pages.

        This is a query. The page makes it only if the README is cut.
        """
        files = VersionFile.objects.filter(version=self.version, path__iexact="readme.md")
        return files.first() if self.has_files else None

    @property
    def hidden_finding_count(self) -> int:
        return len(self.findings) - MAX_FINDINGS

    @property
    def package_name(self) -> str:
        """The argument of the install command, with the number if it is not the latest."""
        pin = "" if self.is_latest else f"@{self.version.version}"
        return f"{self.agent.full_id}{pin}"


def get_version_detail(
    agent: Agent, number: str = "", *, version_count: int | None = None
) -> AgentVersionDetail:
    """Returns a version in full. Raises VersionNotFound.

    Without a number it is the shown version. A known ``version_count`` saves a query.
    """
    version = get_shown_version(agent, number)
    withholding = get_withholding(version) if version.is_withheld else None
    if withholding:
        # The words of the manifest may be the reason why it is withheld.
        version.manifest = {}
    return AgentVersionDetail(
        agent=agent,
        version=version,
        analysis=None if withholding else get_analysis(version),
        tags=list_tags(agent),
        assets=[] if withholding else list_assets(version),
        findings=[] if withholding else list_findings(version),
        renderings={} if withholding else get_renderings(version),
        version_count=agent.versions.count() if version_count is None else version_count,
        withholding=withholding,
    )


def get_shown_version(agent: Agent, number: str = "") -> Version:
    """Returns the version with this number, or the one that the agent's page shows.

    That is the latest one, else the newest that is neither yanked nor withheld, else the newest.
    The version has ``is_withheld``.
    """
    if number:
        return find_version(agent, number)
    versions = Version.objects.marked_withheld().select_related("uploaded_by_user__profile")
    if agent.latest_version_id:
        return versions.get(pk=agent.latest_version_id)
    newest = versions.of(agent.pk).newest_first()
    return newest.offered().first() or newest[0]


@dataclass(frozen=True, slots=True)
class AgentHeader:
    """The header above every tab of an agent."""

    agent: Agent
    version: Version
    icon: VersionAsset | None
    version_count: int
    withholding: VersionWithholding | None


def get_header(agent: Agent, number: str = "") -> AgentHeader:
    version = get_shown_version(agent, number)
    icon = get_icons([version.pk]).get(version.pk)
    return AgentHeader(agent, version, icon, agent.versions.count(), get_withholding(version))


def header_from_version(agent: Agent, version: Version, version_count: int) -> AgentHeader:
    """Returns the header in one query. The version must not be withheld."""
    icons = VersionAsset.objects.filter(version=version.pk, kind=VersionAsset.Kind.ICON)
    return AgentHeader(agent, version, icons.first(), version_count, withholding=None)
