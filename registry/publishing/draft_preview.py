"""What pages show of a draft: the same sheet that the published version will have."""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from django.utils.translation import ngettext

from foundation.actor import Actor
from registry.agents.detail import Sheet, analysis_of
from registry.agents.listing import listing_of
from registry.analysis.diff.capabilities import diff_capabilities
from registry.analysis.diff.files import FilesDiff
from registry.analysis.diff.versions import DiffSummary
from registry.analysis.model import Analysis
from registry.models import Agent, Category, Draft, Version, VersionAsset, VersionFinding
from registry.publishing.preview import what_operators_notice, who_gets
from registry.rules.identifiers import scope_and_name


def drafts_of(by: Actor) -> list[Draft]:
    """The actor's living drafts, the newest first."""
    mine = Draft.objects.alive().filter(owner_user_id=by.require_user().pk)
    return list(mine.defer("preview", "manifest").order_by("-created_at"))


def preview_of(draft: Draft) -> Sheet:
    """The agent's page as it will be, from rows that were never written."""
    agent = _agent_as_it_will_be(draft)
    version = Version(
        agent=agent,
        version=draft.version,
        channel=draft.channel,
        manifest=draft.manifest,
        tarball_sha256=draft.tarball_sha256,
        tarball_size_bytes=draft.tarball_size_bytes,
        uploaded_by_user_id=draft.owner_user_id,
        uploaded_at=draft.created_at,
    )
    version.uploaded_by_user = draft.owner_user
    agent.latest_version = version
    return Sheet(
        agent=agent,
        version=version,
        analysis=Analysis.model_validate(draft.preview["analysis"]),
        tags=sorted(draft.manifest["tags"]),
        assets=[_asset(draft, place, asset) for place, asset in enumerate(draft.assets)],
        findings=[_finding(finding) for finding in draft.preview["findings"]],
        renderings=_renderings(draft),
        version_count=1,
    )


@dataclass(frozen=True, slots=True)
class ComingChanges:
    """What publishing a draft would change for those who have what is latest now."""

    agent: Agent
    old: Version
    new: Version
    summary: DiffSummary


def coming_changes(sheet: Sheet) -> ComingChanges | None:
    """Against what is latest now; None where nothing is, or where it is withheld."""
    agent, analysis = sheet.agent, sheet.analysis
    # From the table: the sheet's own agent is as it will be.
    latest = Agent.objects.filter(pk=agent.pk).values("latest_version")
    old = Version.objects.offered().filter(pk__in=latest).first()
    if old is None or analysis is None:
        return None
    before = analysis_of(old)
    summary = DiffSummary(
        capabilities=diff_capabilities(before, analysis),
        files=FilesDiff(counts={}),
        is_manifest_only=not before.file_count,
    )
    return ComingChanges(agent, old, sheet.version, summary)


def outlook_of(sheet: Sheet, coming: ComingChanges | None) -> list[str]:
    """The near future in sentences: whom the draft will reach, what they will notice, what its page
    will show of the package check."""
    is_prerelease = sheet.version.is_prerelease
    agents = Agent.objects.filter(pk=sheet.agent.pk)
    latest = agents.values_list("latest_version__version", flat=True).first()
    told = [who_gets(sheet.version.version, is_prerelease=is_prerelease, latest=latest)]
    if coming:
        told += what_operators_notice(coming.summary.capabilities)
    if warnings := len(sheet.findings):
        told.append(
            ngettext(
                "Its page will show %(n)d package check warning.",
                "Its page will show %(n)d package check warnings.",
                warnings,
            )
            % {"n": warnings}
        )
    return told


def _agent_as_it_will_be(draft: Draft) -> Agent:
    scope, name = scope_and_name(draft.full_id)
    listing = listing_of(draft.manifest)
    there = Agent.objects.filter(scope=scope, name=name).first()
    agent = there or Agent(scope=scope, name=name)
    for column, value in listing.items():
        setattr(agent, column, value)
    agent.category = Category.objects.get(pk=listing["category_id"])
    agent.owner_user = draft.owner_user
    return agent


def _asset(draft: Draft, place: int, asset: dict[str, Any]) -> VersionAsset:
    shown = VersionAsset(kind=asset["kind"], path=asset["path"], sha256=asset["sha256"])
    shown.address = f"/publish/drafts/{draft.pk}/assets/{place}"  # type: ignore[attr-defined]
    return shown


def _finding(finding: dict[str, Any]) -> VersionFinding:
    return VersionFinding(**({"line": None} | finding))


def _renderings(draft: Draft) -> dict[str, Any]:
    return {name: SimpleNamespace(**found) for name, found in draft.preview["renderings"].items()}
