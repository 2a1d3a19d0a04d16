"""Writes of drafts: uploads that their author reviews before publishing.

A draft uses no version number. Its bytes are stored under the keys of the later version.
"""

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any, BinaryIO, cast
from uuid import UUID

from django.core.files.storage import default_storage
from django.db import transaction

from foundation.access.confirmation import confirm_credential
from foundation.actor import Actor
from foundation.audit.actions import record
from foundation.clock import now
from registry.examiner.records import DeriveAnswer, DeriveRequest
from registry.examiner.tasks import Examiner
from registry.models import Channel, Draft, Version
from registry.package.findings import missing_image_text
from registry.publishing.claim import Claim, read_claim, refuse_early
from registry.publishing.conversion import convert_upload, describe_import, is_source
from registry.publishing.errors import (
    DraftNotFound,
    MissingTarball,
    TarballTooLarge,
    ValidationFailed,
)
from registry.publishing.publish import (
    CheckedUpload,
    StoredFiles,
    check_upload,
    describe_finding,
    examine_upload,
    publish_version,
    store_files,
)
from registry.publishing.queries import (
    find_any_draft,
    find_draft,
    find_earlier_images,
    find_import,
)
from registry.publishing.quota import require_place_for_draft, require_quota
from registry.publishing.storage_keys import store_import
from registry.publishing.upload import Upload, UploadedAsset
from registry.sandbox.examination import Examination
from registry.sandbox.uploads import examine

DRAFT_LIFETIME = timedelta(hours=24)


def save_draft(upload: Upload, *, by: Actor) -> Draft:
    """Checks an upload and stores it for a day.

    A browser sends no metadata, so the agent.json of the package takes its place. Images that it
    names and that are not sent are those of the source or of the latest version. A zip, a folder,
    or a tar without agent.json at its root is made a package first; without any agent.json the
    draft is incomplete, and `complete_draft` continues. Raises ValidationFailed with all findings,
    and otherwise what a publish would refuse at this moment.
    """
    by.require_scope("agents:publish")
    if upload.too_large:
        raise TarballTooLarge
    if upload.tarball is None and upload.folder is None:
        raise MissingTarball("Choose a package: a .tgz file, a zip, or a folder.")
    with ExitStack() as files:
        with examine(user_id=by.user_id) as examination:
            package, incomplete = _examine_source(upload, examination, files, by)
        # The session has ended, so a slow bucket keeps no other upload from the examiner.
        return _store_draft(package, by) if package else _store_incomplete(incomplete, by)


@dataclass(frozen=True, slots=True)
class _ExaminedPackage:
    """A package that may become a draft. `import_facts` describes its source."""

    upload: Upload
    claim: Claim
    checked_upload: CheckedUpload
    derived_data: DeriveAnswer
    import_facts: dict[str, Any]


def _examine_source(
    upload: Upload, examination: Examination, files: ExitStack, by: Actor
) -> tuple[_ExaminedPackage | None, "_IncompleteImport | None"]:
    """Returns a package, or an import that has no agent.json yet."""
    if not is_source(upload):
        try:
            return _examine_package(upload, examination, by), None
        except ValidationFailed as refusal:
            codes = {finding["code"] for finding in refusal.details["findings"]}
            # agent.json may be in a folder of the archive, or its author has none yet.
            if "manifest_missing" not in codes:
                raise
    conversion = convert_upload(upload, examination, files)
    import_facts = describe_import(conversion.summary)
    if conversion.summary.has_manifest:
        return _examine_package(conversion.upload, examination, by, import_facts), None
    answer = examine_upload(conversion.upload, examination, claimed_text=None, by=by)
    findings = [
        describe_finding(finding)
        for finding in answer.findings
        if finding.code not in ("manifest_missing", "broken_reference")
    ]
    return None, _IncompleteImport(conversion.upload, import_facts | {"findings": findings})


def _examine_package(
    upload: Upload, examination: Examination, by: Actor, import_facts: dict[str, Any] | None = None
) -> _ExaminedPackage:
    checked_upload = check_upload(
        upload, examination, claimed_text=None, has_file_names=True, by=by
    )
    # The same checks as those of a publish then read the claim of a browser, too.
    upload = replace(upload, metadata=checked_upload.metadata)
    claim = read_claim(upload, examination)
    refuse_early(claim, by)
    derived_data = examination.call(Examiner.derive, DeriveRequest(claim.metadata, is_draft=True))
    return _ExaminedPackage(upload, claim, checked_upload, derived_data, import_facts or {})


@dataclass(frozen=True, slots=True)
class _IncompleteImport:
    """Files without agent.json, and what was found in them."""

    upload: Upload
    import_facts: dict[str, Any]


def _store_draft(package: _ExaminedPackage, by: Actor, *, draft: Draft | None = None) -> Draft:
    """Stores a new draft, or new contents of one that was made from an import."""
    claim, checked_upload = package.claim, package.checked_upload
    # Bytes before rows (ADR 3): what a refusal below leaves behind is swept away later.
    files = store_files(package.upload, claim, checked_upload, by=by)
    earlier_images = _earlier_images(claim, files, by)
    preview = _preview_data(checked_upload, package.derived_data, earlier_images)
    columns = _columns_of(claim, files, preview, earlier_images)
    columns["import_facts"] = package.import_facts
    return _save_draft(draft, columns, by, size=files.size)


def _store_incomplete(package: _IncompleteImport | None, by: Actor) -> Draft:
    if package is None or package.upload.tarball is None:
        raise MissingTarball
    confirm_credential(by)
    tarball = store_import(by.require_user().pk, package.upload.tarball)
    source = {"key": tarball.key, "sha256": tarball.sha256, "size": tarball.size}
    columns = {
        "channel": package.upload.channel or Channel.COMMUNITY,
        "manifest": {},
        "tarball_r2_key": tarball.key,
        "tarball_sha256": tarball.sha256,
        "tarball_size_bytes": 0,
        "import_facts": package.import_facts
        | {"source": source, "channel": package.upload.channel},
    }
    return _save_draft(None, columns, by, size=tarball.size)


def complete_draft(draft_id: UUID, document: dict[str, Any], *, by: Actor) -> Draft:
    """Makes a package from an import and an agent.json that its author has filled in.

    May be repeated until the draft is published. Raises InvalidManifest with all errors,
    ValidationFailed with all findings, and what a publish would refuse at this moment.
    """
    by.require_scope("agents:publish")
    draft = find_import(draft_id, by=by)
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    with ExitStack() as files:
        tarball = files.enter_context(_local_copy(draft.import_facts["source"]["key"]))
        source = Upload(metadata=text, tarball=tarball, channel=draft.import_facts.get("channel"))
        with examine(user_id=by.user_id) as examination:
            refuse_early(read_claim(source, examination), by)
            conversion = convert_upload(source, examination, files, manifest_text=text)
            package = _examine_package(conversion.upload, examination, by, draft.import_facts)
        return _store_draft(package, by, draft=draft)


def _preview_data(
    checked_upload: CheckedUpload, derived_data: DeriveAnswer, earlier_images: list[dict[str, Any]]
) -> dict[str, Any]:
    # These images were not sent, but are not missing.
    texts = {missing_image_text(image["kind"], image["path"]) for image in earlier_images}
    return {
        "analysis": derived_data.analysis.model_dump(mode="json", by_alias=True),
        "findings": [
            finding.as_json() for finding in checked_upload.findings if finding.message not in texts
        ],
        "renderings": {
            name: asdict(rendering) for name, rendering in derived_data.renderings.items()
        },
    }


def _columns_of(
    claim: Claim,
    files: StoredFiles,
    preview: dict[str, Any],
    earlier_images: list[dict[str, Any]],
) -> dict[str, Any]:
    return {
        "full_id": claim.manifest.id,
        "version": claim.manifest.version,
        "channel": claim.channel,
        "manifest": claim.document,
        "tarball_r2_key": files.tarball.key,
        "tarball_sha256": files.tarball.sha256,
        "tarball_size_bytes": files.tarball.size,
        "assets": _sent_images(files) + earlier_images,
        "preview": preview,
    }


@transaction.atomic
def _save_draft(draft: Draft | None, columns: dict[str, Any], by: Actor, *, size: int) -> Draft:
    # Again, in the transaction: the key may have been revoked while the upload was read.
    confirm_credential(by)
    if draft is None:
        require_place_for_draft(by)
    require_quota(by, size=size, tarball_key=columns["tarball_r2_key"])
    expires_at = now() + DRAFT_LIFETIME
    if draft is None:
        draft = Draft.objects.create(
            owner_user_id=by.require_user().pk, expires_at=expires_at, **columns
        )
    # It may have been published or discarded meanwhile.
    elif not Draft.objects.filter(pk=draft.pk).update(expires_at=expires_at, **columns):
        raise DraftNotFound
    else:
        draft.refresh_from_db()
    record("draft.kept", "draft", str(draft), by=by)
    return draft


def _sent_images(files: StoredFiles) -> list[dict[str, Any]]:
    return [
        {
            "kind": asset.kind,
            "path": asset.path,
            "r2_key": stored_object.key,
            "content_type": asset.content_type,
            "size": asset.size,
            "sha256": asset.sha256,
        }
        for asset, stored_object in files.assets
    ]


def _earlier_images(claim: Claim, files: StoredFiles, by: Actor) -> list[dict[str, Any]]:
    """Images of the latest version that agent.json names and that were not sent."""
    store = claim.document.get("store") or {}
    sent_paths = {asset.path for asset, _ in files.assets}
    missing_paths = {store.get("icon"), *(store.get("screenshots") or ())} - sent_paths
    return [
        {
            "kind": image.kind,
            "path": image.path,
            "r2_key": image.r2_key,
            "content_type": image.content_type,
            "size": image.size_bytes,
            "sha256": image.sha256,
            "taken_from": image.version.version,
        }
        for image in find_earlier_images(claim.manifest.id, by=by)
        if image.path in missing_paths
    ]


def publish_draft(draft_id: UUID, *, by: Actor) -> Version:
    """Publishes a draft and deletes it. After a refusal the draft stays.

    All checks of a publish run again on the stored bytes: the rules, the account or the agent may
    have changed since the draft was saved.
    """
    draft = find_draft(draft_id, by=by)
    with _open_upload(draft) as upload:
        version = publish_version(upload, by=by)
    # The version has the keys of the stored bytes now, so the sweep leaves them.
    Draft.objects.filter(pk=draft.pk).delete()
    return version


@contextmanager
def _open_upload(draft: Draft) -> Iterator[Upload]:
    """Yields a draft as the upload that a client would send."""
    with ExitStack() as open_files:
        yield Upload(
            metadata=json.dumps(draft.manifest),
            tarball=open_files.enter_context(_local_copy(draft.tarball_r2_key)),
            assets=tuple(
                UploadedAsset(
                    asset["kind"],
                    asset["path"],
                    open_files.enter_context(_local_copy(asset["r2_key"])),
                )
                for asset in draft.assets
            ),
            channel=draft.channel,
        )


@contextmanager
def _local_copy(key: str) -> Iterator[BinaryIO]:
    # A publish reads each file twice, and a stream from a bucket can be read only once.
    with tempfile.TemporaryFile() as copy:
        with default_storage.open_stream(key) as stream:  # type: ignore[attr-defined]
            shutil.copyfileobj(stream, copy, 1024 * 1024)
        copy.seek(0)
        yield cast(BinaryIO, copy)


@transaction.atomic
def discard_draft(draft_id: UUID, *, by: Actor) -> None:
    draft = find_any_draft(draft_id, by=by)
    record("draft.discarded", "draft", str(draft), by=by)
    draft.delete()


def delete_drafts(user_id: UUID) -> None:
    """Delete a user's drafts; the sweep removes their files later."""
    Draft.objects.filter(owner_user_id=user_id).delete()


def delete_expired_drafts() -> int:
    """Deletes expired drafts and returns their number. The sweep removes their files."""
    return Draft.objects.filter(expires_at__lte=now()).delete()[0]
