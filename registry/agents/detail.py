"""One version in full, as its page shows it, and the header of an agent's pages."""

from dataclasses import dataclass, field, replace
from functools import cached_property

from registry.agents.derived_data import get_analysis, get_renderings, list_findings
from registry.agents.provenance import Provenance, get_provenance
from registry.agents.queries import find_version, get_withholding, list_assets, list_tags
from registry.agents.rows import get_icons
from registry.agents.sales import may_read_version
from registry.analysis.model import Analysis
from registry.examiner.records import DESCRIPTION
from registry.models import (
    Agent,
    Version,
    VersionAsset,
    VersionFile,
    VersionFinding,
    VersionRendering,
    VersionWithholding,
)
from wordclaw.payments.access.credentials import Reader
from wordclaw.payments.access.queries import FREE, Access
from wordclaw.payments.offers.queries import has_seller

MAX_FINDINGS = 50
"""Findings that a page lists."""


@dataclass(frozen=True, slots=True)
class VersionContents:
    """All that comes from the bytes of a version; nothing while it is withheld."""

    analysis: Analysis | None = None
    assets: list[VersionAsset] = field(default_factory=list)
    findings: list[VersionFinding] = field(default_factory=list)
    renderings: dict[str, VersionRendering] = field(default_factory=dict)


@dataclass(frozen=True)
class AgentVersionDetail:
    """A version with everything that its page shows.

    While ``withholding`` is set, all that comes from the bytes is empty, and ``analysis`` None.
    Without ``given_contents`` they are read when something asks for them: the stored parts of a
    page have them already.
    """

    agent: Agent
    version: Version
    tags: list[str]
    version_count: int
    withholding: VersionWithholding | None = None
    given_contents: VersionContents | None = None
    access: Access = FREE

    @cached_property
    def is_for_sale(self) -> bool:
        """Whether the publisher can sell a version with a price now."""
        return bool(self.access.offers) and has_seller(self.access.offers[0].domain)

    @property
    def is_gated(self) -> bool:
        """Whether the reader has to pay before reading the texts of the package."""
        return not self.access.is_allowed

    @cached_property
    def contents(self) -> VersionContents:
        return self.given_contents or get_contents(self.version)

    @property
    def analysis(self) -> Analysis | None:
        return self.contents.analysis

    @property
    def findings(self) -> list[VersionFinding]:
        return self.contents.findings

    @property
    def renderings(self) -> dict[str, VersionRendering]:
        return self.contents.renderings

    @cached_property
    def icon(self) -> VersionAsset | None:
        # One small query: a page with stored parts needs nothing else of the contents.
        if self.given_contents is None:
            return find_icon(self.version)
        assets = self.given_contents.assets
        return next((asset for asset in assets if asset.kind == VersionAsset.Kind.ICON), None)

    @cached_property
    def screenshots(self) -> list[VersionAsset]:
        return [a for a in self.contents.assets if a.kind == VersionAsset.Kind.SCREENSHOT]

    @cached_property
    def provenance(self) -> Provenance | None:
        """The run that published the version; None if it was published by hand."""
        return get_provenance([self.version.pk]).get(self.version.pk)

    @property
    def is_latest(self) -> bool:
        return self.version.pk == self.agent.latest_version_id

    @property
    def is_offered(self) -> bool:
        is_available = not self.version.is_yanked and self.withholding is None
        return is_available and not self.agent.is_delisted

    @property
    def has_files(self) -> bool:
        """Whether the files have pages: not those of a draft or of a version not analysed."""
        is_read = self.analysis is not None and self.analysis.file_count > 0
        # The version of a preview is not stored, so its files have no addresses.
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
    agent: Agent,
    number: str = "",
    *,
    version_count: int | None = None,
    reader: Reader | None = None,
) -> AgentVersionDetail:
    """Returns a version in full. Raises VersionNotFound.

    Without a number it is the shown version. A known ``version_count`` saves a query. For a
    ``reader`` without a right to a version with a price, the texts of the package are left out.
    """
    version = get_shown_version(agent, number)
    withholding = get_withholding(version) if version.is_withheld else None
    access = may_read_version(agent, version.version, reader) if reader else FREE
    contents = None
    if withholding:
        # The words of the manifest may be the reason why it is withheld.
        version.manifest = {}
        contents = VersionContents()
    elif not access.is_allowed:
        contents = get_public_contents(version)
    return AgentVersionDetail(
        agent=agent,
        version=version,
        tags=list_tags(agent),
        version_count=agent.versions.count() if version_count is None else version_count,
        withholding=withholding,
        given_contents=contents,
        access=access,
    )


def get_public_contents(version: Version) -> VersionContents:
    """Reads what a version with a price shows to all: no text of a file."""
    contents = get_contents(version)
    # The description is a field of the manifest, which is public.
    renderings = {name: row for name, row in contents.renderings.items() if name == DESCRIPTION}
    analysis = contents.analysis.without_instructions() if contents.analysis else None
    return replace(contents, analysis=analysis, renderings=renderings)


def get_contents(version: Version) -> VersionContents:
    """Reads what comes from the bytes. The version must not be withheld."""
    return VersionContents(
        analysis=get_analysis(version),
        assets=list_assets(version),
        findings=list_findings(version),
        renderings=get_renderings(version),
    )


def get_shown_version(agent: Agent, number: str = "") -> Version:
    """Returns the version with this number, or the one that the agent's page shows.

    That is the latest one, else the newest that is neither yanked nor withheld, else the newest.
    The version has ``is_withheld``.
    """
    if number:
        return find_version(agent, number)
    if agent.latest_version and hasattr(agent, "latest_is_withheld"):
        # `find_visible_agent` has read it with the agent.
        agent.latest_version.is_withheld = agent.latest_is_withheld
        return agent.latest_version
    versions = Version.objects.marked_withheld().select_related("uploaded_by_user__profile")
    if agent.latest_version_id:
        # Read again, for the publisher and `is_withheld`.
        return versions.get(pk=agent.latest_version_id)
    newest = versions.of(agent.pk).newest_first()
    # An agent is created by its first publish, so it has at least one version.
    return newest.offered().first() or newest[0]


def find_icon(version: Version) -> VersionAsset | None:
    """Returns the icon of a version that is not withheld, or None."""
    return get_icons([version.pk]).get(version.pk)


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
    withholding = get_withholding(version) if version.is_withheld else None
    icon = None if withholding else find_icon(version)
    return AgentHeader(agent, version, icon, agent.versions.count(), withholding)


def header_from_version(agent: Agent, version: Version, version_count: int) -> AgentHeader:
    """Returns the header, in one query at most. The version must not be withheld."""
    return AgentHeader(agent, version, find_icon(version), version_count, withholding=None)
