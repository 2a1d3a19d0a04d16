"""Writes of drafts: uploads that their author reviews before publishing.

A draft uses no version number. Its bytes are stored under the keys of the later version.
"""

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, replace
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
from registry.models import Draft, Version
from registry.package.findings import missing_image_text
from registry.publishing.claim import Claim, read_claim, refuse_early
from registry.publishing.errors import MissingTarball, TarballTooLarge
from registry.publishing.publish import (
    CheckedUpload,
    StoredFiles,
    check_upload,
    publish_version,
    store_files,
)
from registry.publishing.queries import find_draft, find_earlier_images
from registry.publishing.quota import require_place_for_draft, require_quota
from registry.publishing.upload import Upload, UploadedAsset
from registry.sandbox.uploads import examine

DRAFT_LIFETIME = timedelta(hours=24)


def save_draft(upload: Upload, *, by: Actor) -> Draft:
    """Checks an upload and stores it for a day.

    A browser sends no metadata, so the agent.json of the package takes its place. Images that it
    names and that are not sent are those of the latest version. Raises ValidationFailed with all
    findings, and otherwise what a publish would refuse at this moment.
    """
    by.require_scope("agents:publish")
    if upload.too_large:
        raise TarballTooLarge
    if upload.tarball is None:
        raise MissingTarball("Choose the package: the .tgz file from clawstore pack.")
    with examine(user_id=by.user_id) as examination:
        checked_upload = check_upload(
            upload, examination, claimed_text=None, has_file_names=True, by=by
        )
        # The same checks as those of a publish then read the claim of a browser, too.
        upload = replace(upload, metadata=checked_upload.metadata)
        claim = read_claim(upload, examination)
        refuse_early(claim, by)
        derived_data = examination.call(
            Examiner.derive, DeriveRequest(claim.metadata, is_draft=True)
        )
    # Bytes before rows (ADR 3): what a refusal below leaves behind is swept away later.
    files = store_files(upload, claim, checked_upload, by=by)
    earlier_images = _earlier_images(claim, files, by)
    preview = _preview_data(checked_upload, derived_data, earlier_images)
    return _insert_draft(claim, files, preview, earlier_images, by)


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


@transaction.atomic
def _insert_draft(
    claim: Claim,
    files: StoredFiles,
    preview: dict[str, Any],
    earlier_images: list[dict[str, Any]],
    by: Actor,
) -> Draft:
    # Again, in the transaction: the key may have been revoked while the upload was read.
    confirm_credential(by)
    require_place_for_draft(by)
    require_quota(by, size=files.size, tarball_key=files.tarball.key)
    draft = Draft.objects.create(
        owner_user_id=by.require_user().pk,
        full_id=claim.manifest.id,
        version=claim.manifest.version,
        channel=claim.channel,
        manifest=claim.document,
        tarball_r2_key=files.tarball.key,
        tarball_sha256=files.tarball.sha256,
        tarball_size_bytes=files.tarball.size,
        assets=_sent_images(files) + earlier_images,
        preview=preview,
        expires_at=now() + DRAFT_LIFETIME,
    )
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
    draft = find_draft(draft_id, by=by)
    record("draft.discarded", "draft", str(draft), by=by)
    draft.delete()


def delete_drafts(user_id: UUID) -> None:
    """Delete a user's drafts; the sweep removes their files later."""
    Draft.objects.filter(owner_user_id=user_id).delete()


def delete_expired_drafts() -> int:
    """Deletes expired drafts and returns their number. The sweep removes their files."""
    return Draft.objects.filter(expires_at__lte=now()).delete()[0]
