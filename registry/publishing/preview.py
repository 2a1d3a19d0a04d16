"""Preview of a draft: its page as it will be, and what changes for operators."""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from profiles.models import Scope
from registry.agents.derived_data import get_analysis
from registry.agents.detail import AgentVersionDetail, VersionContents
from registry.agents.listing import listing_of
from registry.analysis.diff.capabilities import diff_capabilities
from registry.analysis.diff.files import FilesDiff
from registry.analysis.diff.summary import DiffSummary
from registry.analysis.model import Analysis
from registry.models import Agent, Category, Draft, Version, VersionAsset, VersionFinding
from registry.rules.identifiers import scope_and_name


def build_preview(draft: Draft) -> AgentVersionDetail:
    """Returns the details of the future version, from unsaved models."""
    agent = _build_agent(draft)
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
    return AgentVersionDetail(
        agent=agent,
        version=version,
        tags=sorted(draft.manifest["tags"]),
        version_count=1,
        given_contents=VersionContents(
            analysis=Analysis.model_validate(draft.preview["analysis"]),
            assets=[_build_asset(draft, index, asset) for index, asset in enumerate(draft.assets)],
            findings=[VersionFinding(**finding) for finding in draft.preview["findings"]],
            renderings={
                name: SimpleNamespace(**rendering)  # type: ignore[misc]
                for name, rendering in draft.preview["renderings"].items()
            },
        ),
    )


def _build_agent(draft: Draft) -> Agent:
    scope, name = scope_and_name(draft.full_id)
    listing = listing_of(draft.manifest)
    existing_agent = Agent.objects.with_owner().filter(scope=scope, name=name).first()
    agent = existing_agent or Agent(scope=scope, name=name)
    for column, value in listing.items():
        setattr(agent, column, value)
    agent.category = Category.objects.get(pk=listing["category_id"])
    if existing_agent is None:
        # The holder of the scope will own it, also if a co-maintainer publishes it.
        holders = Scope.objects.select_related("holder__profile").filter(name=scope)
        agent.owner_user = next((row.holder for row in holders), draft.owner_user)
    return agent


def _build_asset(draft: Draft, index: int, asset: dict[str, Any]) -> VersionAsset:
    image = VersionAsset(kind=asset["kind"], path=asset["path"], sha256=asset["sha256"])
    # Templates use this address instead of the public one, which does not exist yet.
    image.address = f"/publish/drafts/{draft.pk}/assets/{index}"  # type: ignore[attr-defined]
    return image


@dataclass(frozen=True, slots=True)
class UpcomingChanges:
    """The changes from the present latest version to a draft."""

    agent: Agent
    old: Version
    new: Version
    summary: DiffSummary


def compare_with_latest(preview: AgentVersionDetail) -> UpcomingChanges | None:
    """Returns None if the agent has no latest version, or if it is withheld."""
    agent, analysis = preview.agent, preview.analysis
    # Read from the table, because the agent of a preview already has the draft as its latest.
    latest = Agent.objects.filter(pk=agent.pk).values("latest_version")
    old = Version.objects.offered().filter(pk__in=latest).first()
    if old is None or analysis is None:
        return None
    old_analysis = get_analysis(old)
    summary = DiffSummary(
        capabilities=diff_capabilities(old_analysis, analysis),
        files=FilesDiff(counts={}),
        is_manifest_only=not old_analysis.file_count,
    )
    return UpcomingChanges(agent, old, preview.version, summary)
