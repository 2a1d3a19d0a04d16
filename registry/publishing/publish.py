"""Publishing a version: one pipeline for the API, the pages and the demo catalogue."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from django.db import transaction

from foundation.actor import Actor
from foundation.audit.actions import record
from foundation.clock import now
from registry.agents.listing import listing_of, refresh_listing
from registry.errors import ValidationFailed
from registry.models import Agent, Category, Version, VersionAsset
from registry.package.checks.images import CheckedAsset, check_asset
from registry.package.checks.package import check_package
from registry.package.findings import Finding
from registry.package.limits import PackageLimits
from registry.package.reader import Package, read_tarball
from registry.publishing.claim import (
    Claim,
    read_claim,
    refuse_early,
    refuse_foreign_agent,
    refuse_not_newer,
)
from registry.publishing.derived import Computed, compute, keep_computed
from registry.publishing.storage_keys import StoredFile, store_asset, store_tarball
from registry.publishing.upload import Upload

LIMITS = PackageLimits()
MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Judged:
    """A package that passed: opened, checked, and everything computed from its bytes."""

    package: Package
    assets: tuple[CheckedAsset, ...]
    computed: Computed


@dataclass(frozen=True, slots=True)
class Stored:
    """Where the bytes of one version lie."""

    tarball: StoredFile
    assets: tuple[tuple[CheckedAsset, StoredFile], ...]


def publish_version(upload: Upload, *, by: Actor) -> Version:
    """Publish one version, or refuse by name and leave nothing behind but, at most, an orphan file.

    Refusals come in the order of the wire's contract: credential, size, what is missing, schema,
    category, scope, owner, not newer, findings. Of N concurrent publishes of one version exactly
    one succeeds.
    """
    by.require("agents:publish")
    claim = read_claim(upload, LIMITS)
    refuse_early(claim, by)
    judged = judge_package(upload, claim)
    stored = store_package(upload, claim, judged)
    return add_version(claim, judged, stored, by=by)


def judge_package(upload: Upload, claim: Claim) -> Judged:
    """Open the tarball and the assets; refuses with every finding at once if one is an error."""
    claim.tarball.seek(0)
    package = read_tarball(claim.tarball, LIMITS)
    assets = tuple(check_asset(a.kind, a.path, a.stream, LIMITS) for a in upload.assets)
    categories = Category.objects.values_list("pk", flat=True)
    findings = check_package(
        package, claimed=claim.document, assets=assets, categories=set(categories)
    )
    refuse_findings(findings)
    return Judged(package, assets, compute(claim.document, package, findings))


def refuse_findings(findings: tuple[Finding, ...]) -> None:
    errors = sum(finding.severity == "error" for finding in findings)
    if errors:
        counted = "1 error" if errors == 1 else f"{errors} errors"
        raise ValidationFailed(
            f"The package has {counted}; nothing was published.",
            findings=[finding.as_json() for finding in findings],
        )


def store_package(upload: Upload, claim: Claim, judged: Judged) -> Stored:
    """Bytes first: the row that is written afterwards never points to nothing."""
    assets = tuple(
        (asset, store_asset(claim.manifest, asset, sent.stream))
        for asset, sent in zip(judged.assets, upload.assets, strict=True)
    )
    return Stored(store_tarball(claim.manifest, claim.tarball), assets)


@transaction.atomic
def add_version(claim: Claim, judged: Judged, stored: Stored, *, by: Actor) -> Version:
    """All rows or none, under the agent's lock: what was asked before is asked again."""
    agent = claim_agent(claim, by)
    refuse_foreign_agent(agent, claim, by)
    refuse_not_newer(claim)
    version = _insert_version(agent, claim, stored.tarball, by)
    _insert_assets(version, stored)
    keep_computed(version, judged.computed)
    refresh_listing(agent, at=version.uploaded_at, published=True)
    record(
        "version.published",
        "version",
        f"{agent.full_id}@{version.version}",
        by=by,
        channel=version.channel,
        sha256=version.tarball_sha256,
        size=version.tarball_size_bytes,
    )
    return version


def claim_agent(claim: Claim, by: Actor) -> Agent:
    """The agent's row, locked; made for whoever publishes under this id first."""
    moment = now()
    document = cast(dict[str, Any], claim.document)
    agent, _ = Agent.objects.get_or_create(
        scope=claim.manifest.scope,
        name=claim.manifest.agent_name,
        defaults=listing_of(document)
        | {"owner_user_id": by.user_id, "created_at": moment, "updated_at": moment},
    )
    return Agent.objects.select_for_update().get(pk=agent.pk)


def _insert_version(agent: Agent, claim: Claim, tarball: StoredFile, by: Actor) -> Version:
    return Version.objects.create(
        agent=agent,
        version=claim.manifest.version,
        channel=claim.channel,
        manifest=claim.document,
        tarball_r2_key=tarball.key,
        tarball_sha256=tarball.sha256,
        tarball_size_bytes=tarball.size,
        uploaded_by_user_id=by.require_user().pk,
        uploaded_at=_after_all_before(agent),
    )


def _after_all_before(agent: Agent) -> datetime:
    """The present, or a millisecond after the last publish if a clock went back: newest first by
    time is then always newest first by number too."""
    last = Version.objects.of(agent.pk).newest_first().values_list("uploaded_at", flat=True).first()
    return now() if last is None else max(now(), last + MILLISECOND)


def _insert_assets(version: Version, stored: Stored) -> None:
    VersionAsset.objects.bulk_create(
        VersionAsset(
            version=version,
            kind=asset.kind,
            r2_key=file.key,
            content_type=asset.content_type,
            size_bytes=asset.size,
            sha256=asset.sha256,
            ordering=ordering,
            path=asset.path,
            width=asset.width,
            height=asset.height,
        )
        for ordering, (asset, file) in enumerate(stored.assets)
    )
