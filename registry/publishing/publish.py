"""Publishes a version, for the API, the pages and the demo catalogue."""

import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from foundation.access.confirmation import confirm_credential
from foundation.actor import Actor
from foundation.audit.actions import record
from foundation.clock import now
from foundation.files.space import require_free_space
from profiles.mirrored import MIRROR_DOOR
from profiles.models import Scope
from registry.agents.derived_data import list_findings
from registry.agents.former_addresses import refuse_former
from registry.agents.listing import listing_of, refresh_listing
from registry.agents.queries import list_categories
from registry.examiner.records import CheckAnswer, CheckRequest, SentImage
from registry.examiner.tasks import Examiner
from registry.models import Agent, Version, VersionAsset
from registry.package.checks.checked_image import CheckedAsset
from registry.package.checks.file import PackageFile
from registry.package.findings import Finding, new_finding
from registry.package.limits import LIMITS
from registry.provenance.actions import record_provenance
from registry.publishing.claim import (
    Claim,
    read_claim,
    refuse_early,
    refuse_foreign_agent,
    refuse_foreign_scope,
    refuse_incomplete,
    refuse_not_newer,
    require_tarball,
)
from registry.publishing.derived import DerivedData, derive_data, save_derived_data
from registry.publishing.errors import TarballTooLarge, ValidationFailed
from registry.publishing.leaked_keys import revoke_leaked_keys
from registry.publishing.quota import require_quota
from registry.publishing.small_images import make_small_images
from registry.publishing.storage_keys import StoredObject, store_asset, store_tarball
from registry.publishing.upload import Upload
from registry.sandbox.descriptors import with_descriptor
from registry.sandbox.examination import Examination
from registry.sandbox.uploads import examine

MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class CheckedUpload:
    """A package and its images without errors. `findings` are warnings.

    `metadata` is the agent.json of the package.
    """

    files: Sequence[PackageFile]
    assets: tuple[CheckedAsset, ...]
    findings: tuple[Finding, ...]
    metadata: str


@dataclass(frozen=True, slots=True)
class StoredFiles:
    """The storage keys of the bytes of one version."""

    tarball: StoredObject
    assets: tuple[tuple[CheckedAsset, StoredObject], ...]
    small_images: Mapping[str, str] = field(default_factory=dict)
    """The digest of the small copy by the digest of the image."""

    @property
    def size(self) -> int:
        return self.tarball.size + sum(stored_object.size for _, stored_object in self.assets)


def publish_version(upload: Upload, *, by: Actor) -> Version:
    """Publishes one version, or raises a refusal and adds no row.

    Refusals come in the order that the API documents: credential, size, missing parts, schema,
    category, scope, owner, version not newer, findings. Of several publishes of one version at the
    same time, exactly one succeeds; the others may leave a stored file without a row, which
    `sweep_files` removes.
    """
    by.require_scope("agents:publish")
    refuse_incomplete(upload, LIMITS)
    # A mirror takes over many packages, one at a time, and no person waits for it.
    with examine(user_id=None if by.door == MIRROR_DOOR else by.user_id) as examination:
        claim = read_claim(upload, examination)
        refuse_early(claim, by)
        checked_upload = check_upload(upload, examination, claimed_text=claim.metadata, by=by)
        derived_data = derive_data(
            claim.metadata, checked_upload.files, checked_upload.findings, examination
        )
        # Last, because a stopped task ends the session, and a version can do without copies.
        streams = [asset.stream for asset in upload.assets]
        small_images = make_small_images(
            zip(checked_upload.assets, streams, strict=True), examination
        )
    # The session has ended, so a slow bucket keeps no other upload from the examiner.
    files = store_files(upload, claim, checked_upload, by=by)
    files = replace(files, small_images=small_images)
    return add_version(claim, files, derived_data, by=by)


@dataclass(frozen=True, slots=True)
class PackageCheck:
    """The result of a check: findings as the API prints them, and the identity.

    ``agent_id`` and ``version`` are empty for a package with errors.
    """

    findings: Sequence[dict[str, str | int]]
    agent_id: str = ""
    version: str = ""
    channel: str = ""


def check_publication(upload: Upload, *, by: Actor) -> PackageCheck:
    """Checks what a publish checks before it stores anything; raises its refusals."""
    by.require_scope("agents:publish")
    refuse_incomplete(upload, LIMITS)
    with examine(user_id=by.user_id) as examination:
        claim = read_claim(upload, examination)
        refuse_early(claim, by)
        checked_upload = check_upload(upload, examination, claimed_text=claim.metadata, by=by)
    manifest = claim.manifest
    findings = [describe_finding(finding) for finding in checked_upload.findings]
    return PackageCheck(findings, manifest.id, manifest.version, claim.channel)


def check_package(upload: Upload, *, by: Actor) -> PackageCheck:
    """Checks a package without the question of who may publish it. Nothing is stored."""
    if upload.too_large:
        raise TarballTooLarge
    require_tarball(upload)
    with examine(user_id=by.user_id) as examination:
        try:
            checked_upload = check_upload(upload, examination, claimed_text=None, by=by)
        except ValidationFailed as refusal:
            return PackageCheck(refusal.details["findings"])
    # The examiner has accepted the text, so it is an object and safe to parse here.
    document = json.loads(checked_upload.metadata)
    findings = [describe_finding(finding) for finding in checked_upload.findings]
    return PackageCheck(findings, document["id"], document["version"])


def check_upload(
    upload: Upload,
    examination: Examination,
    *,
    claimed_text: str | None,
    has_file_names: bool = False,
    by: Actor,
) -> CheckedUpload:
    """Checks the package and its images. Raises ValidationFailed with all findings.

    `claimed_text` is the metadata that was sent beside the package, or None if it was not sent.
    `has_file_names`: the images have the names of files on the author's disk.
    """
    answer = examine_upload(
        upload, examination, claimed_text=claimed_text, has_file_names=has_file_names, by=by
    )
    refuse_errors(answer.findings)
    return CheckedUpload(answer.files, answer.images, answer.findings, answer.metadata or "")


def examine_upload(
    upload: Upload,
    examination: Examination,
    *,
    claimed_text: str | None,
    has_file_names: bool = False,
    by: Actor,
) -> CheckAnswer:
    """Checks the package and its images, and revokes keys of this shop in it."""
    request = CheckRequest(
        # The examiner has no database to ask.
        categories=tuple(category.pk for category in list_categories()),
        claimed_text=claimed_text,
        images=tuple(SentImage(asset.kind, asset.path) for asset in upload.assets),
        other_images=(),
        has_file_names=has_file_names,
        limits=LIMITS,
    )
    streams = [require_tarball(upload), *(asset.stream for asset in upload.assets)]
    with ExitStack() as copies:
        files = [copies.enter_context(with_descriptor(stream)) for stream in streams]
        answer = examination.call(Examiner.check, request, files)
    # Also of a package that is refused: its uploader has read them.
    revoke_leaked_keys(answer.shop_keys, place=answer.name, by=by)
    return answer


def refuse_errors(findings: Sequence[Finding]) -> None:
    error_count = sum(finding.is_error for finding in findings)
    if error_count:
        count = "1 error" if error_count == 1 else f"{error_count} errors"
        # All at once: an author who mends one error at a time uploads the package for each.
        raise ValidationFailed(
            f"The package has {count}; nothing was published.",
            findings=[describe_finding(finding) for finding in findings],
        )


def describe_finding(finding: Finding) -> dict[str, str | int]:
    """Returns a finding as the API prints it, with the address of its explanation."""
    return finding.as_json() | {"help": guide_address(finding)}


def list_warnings(version: Version) -> list[dict[str, str | int]]:
    """Returns the findings with which a version was published, as the API prints them."""
    return [
        describe_finding(new_finding(row.code, row.path, row.message, row.line))
        for row in list_findings(version)
    ]


def guide_address(finding: Finding) -> str:
    """Returns the place in the author's guide that says what to do about a finding."""
    return f"{settings.BASE_URL}{reverse('author_guide')}#{finding.code}"


def store_files(
    upload: Upload, claim: Claim, checked_upload: CheckedUpload, *, by: Actor
) -> StoredFiles:
    """Stores the bytes, before the rows, so that no row points to a missing file.

    Raises Unauthenticated if the credential has ended meanwhile, and InsufficientStorage.
    """
    confirm_credential(by)
    require_free_space(claim.size + sum(asset.size for asset in checked_upload.assets))
    assets = tuple(
        (asset, store_asset(claim.manifest, asset, uploaded_asset.stream))
        for asset, uploaded_asset in zip(checked_upload.assets, upload.assets, strict=True)
    )
    return StoredFiles(store_tarball(claim.manifest, claim.tarball), assets)


@transaction.atomic
def add_version(
    claim: Claim, files: StoredFiles, derived_data: DerivedData, *, by: Actor
) -> Version:
    """Adds all rows of a version, or none, while it holds the lock of the agent."""
    # Checked before, but without the locks: a suspension, another publish or a delisting may have
    # come between.
    confirm_credential(by)
    refuse_foreign_scope(claim, by, is_locked=True)
    require_quota(by, size=files.size, tarball_key=files.tarball.key)
    agent = claim_agent(claim, by)
    refuse_foreign_agent(agent, claim, by)
    refuse_not_newer(claim)
    version = _insert_version(agent, claim, files.tarball, by)
    _insert_assets(version, files)
    # Before the parts of the page are rendered and stored, which show it.
    record_provenance(version, by=by)
    save_derived_data(version, derived_data)
    refresh_listing(agent, at=version.uploaded_at, is_publish=True)
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
    """Returns the locked row of the agent; the scope's holder owns a new one."""
    created_at = now()
    scope, name = claim.manifest.scope, claim.manifest.agent_name
    agent = Agent.objects.select_for_update().filter(scope=scope, name=name).first()
    if agent:
        return agent
    # Again: the agent may have moved while the package was checked, and its id is reserved.
    refuse_former(scope, name)
    holders = Scope.objects.filter(name=scope).values_list("holder_id", flat=True)
    owner_id = holders.first() or by.user_id
    agent, _ = Agent.objects.get_or_create(
        scope=scope,
        name=name,
        defaults=listing_of(claim.document)
        | {"owner_user_id": owner_id, "created_at": created_at, "updated_at": created_at},
    )
    # `get_or_create` does not lock a row that exists.
    return Agent.objects.select_for_update().get(pk=agent.pk)


def _insert_version(agent: Agent, claim: Claim, tarball: StoredObject, by: Actor) -> Version:
    return Version.objects.create(
        agent=agent,
        version=claim.manifest.version,
        channel=claim.channel,
        manifest=claim.document,
        tarball_r2_key=tarball.key,
        tarball_sha256=tarball.sha256,
        tarball_size_bytes=tarball.size,
        uploaded_by_user_id=by.require_user().pk,
        uploaded_at=_next_upload_time(agent),
    )


def _next_upload_time(agent: Agent) -> datetime:
    """Returns now, or a millisecond after the last publish if a clock went back.

    Versions in the order of time are then always in the order of their numbers, too.
    """
    versions = Version.objects.of(agent.pk).newest_first()
    last_upload = versions.values_list("uploaded_at", flat=True).first()
    return now() if last_upload is None else max(now(), last_upload + MILLISECOND)


def _insert_assets(version: Version, files: StoredFiles) -> None:
    VersionAsset.objects.bulk_create(
        VersionAsset(
            version=version,
            kind=asset.kind,
            r2_key=stored_object.key,
            content_type=asset.content_type,
            size_bytes=asset.size,
            sha256=asset.sha256,
            ordering=ordering,
            path=asset.path,
            width=asset.width,
            height=asset.height,
            small_sha256=files.small_images.get(asset.sha256),
        )
        for ordering, (asset, stored_object) in enumerate(files.assets)
    )
