"""Drafts: an upload from the browser is judged and kept, looked at, and only then published.

A draft burns no version number. Publishing it runs the whole pipeline once more on the stored
bytes, so nothing that changed in between gets by.
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

from foundation.actor import Actor
from foundation.audit.actions import record
from foundation.clock import now
from registry.errors import DraftNotFound, MissingTarball, TarballTooLarge
from registry.models import Category, Draft, Version
from registry.package.checks.images import check_asset
from registry.package.checks.package import check_package, read_packaged_manifest
from registry.package.reader import read_tarball
from registry.publishing.claim import read_claim, refuse_early
from registry.publishing.prose import render_documents
from registry.publishing.publish import (
    LIMITS,
    Judged,
    Stored,
    judge_package,
    publish_version,
    refuse_findings,
    store_package,
)
from registry.publishing.upload import Upload, UploadedAsset

LIFETIME = timedelta(hours=24)


def keep_draft(upload: Upload, *, by: Actor) -> Draft:
    """Judge an upload and keep it for a day. What it claims is read from its own bytes.

    Refuses with every finding at once, and then with whatever a publish would refuse.
    """
    by.require("agents:publish")
    upload = with_own_metadata(upload)
    claim = read_claim(upload, LIMITS)
    refuse_early(claim, by)
    judged = judge_package(upload, claim)
    stored = store_package(upload, claim, judged)
    return _add_draft(claim.document, claim.channel, judged, stored, by)


def with_own_metadata(upload: Upload) -> Upload:
    """The upload with the package's agent.json as its metadata, and each picture under the path
    that the manifest gives it: a browser sends no more than a file's own name."""
    if upload.too_large:
        raise TarballTooLarge
    if upload.tarball is None:
        raise MissingTarball("Choose the package: the .tgz file from clawstore pack.")
    upload.tarball.seek(0)
    package = read_tarball(upload.tarball, LIMITS)
    document, manifest, _ = read_packaged_manifest(package)
    store = document.get("store") if manifest and isinstance(document, dict) else None
    assets = tuple(_under_its_path(asset, store or {}) for asset in upload.assets)
    inspected = tuple(check_asset(a.kind, a.path, a.stream, LIMITS) for a in assets)
    categories = set(Category.objects.values_list("pk", flat=True))
    refuse_findings(check_package(package, claimed=None, assets=inspected, categories=categories))
    for asset in assets:
        asset.stream.seek(0)
    return replace(upload, metadata=(package.manifest_bytes or b"").decode(), assets=assets)


def _under_its_path(asset: UploadedAsset, store: dict[str, Any]) -> UploadedAsset:
    named = [store.get("icon")] if asset.kind == "icon" else store.get("screenshots", [])
    own = asset.path.rpartition("/")[2]
    path = next((p for p in named if p and p.rpartition("/")[2] == own), None)
    if path is None and asset.kind == "icon" and named[0]:
        path = named[0]  # There is one icon, whatever the file was called at home.
    return replace(asset, path=path or asset.path)


@transaction.atomic
def _add_draft(document: object, channel: str, judged: Judged, stored: Stored, by: Actor) -> Draft:
    manifest = cast(dict[str, Any], document)
    draft = Draft.objects.create(
        owner_user_id=by.require_user().pk,
        full_id=manifest["id"],
        version=manifest["version"],
        channel=channel,
        manifest=manifest,
        tarball_r2_key=stored.tarball.key,
        tarball_sha256=stored.tarball.sha256,
        tarball_size_bytes=stored.tarball.size,
        assets=[
            {
                "kind": asset.kind,
                "path": asset.path,
                "r2_key": file.key,
                "content_type": asset.content_type,
                "size": asset.size,
                "sha256": asset.sha256,
            }
            for asset, file in stored.assets
        ],
        preview=_preview(manifest, judged),
        expires_at=now() + LIFETIME,
    )
    record("draft.kept", "draft", str(draft), by=by)
    return draft


def _preview(manifest: dict[str, Any], judged: Judged) -> dict[str, Any]:
    computed = judged.computed
    # The files of a draft have no pages yet: its prose is shown without links to them.
    renderings = render_documents(manifest, judged.package.texts, ())
    return {
        "analysis": computed.analysis.model_dump(mode="json", by_alias=True),
        "findings": [finding.as_json() for finding in computed.findings],
        "renderings": {name: asdict(found) for name, found in renderings.items()},
    }


def find_draft(draft_id: UUID, *, by: Actor) -> Draft:
    """A living draft of the actor's own; to everybody else it does not exist."""
    mine = Draft.objects.alive().filter(owner_user_id=by.require_user().pk)
    draft = mine.select_related("owner_user__profile").filter(pk=draft_id).first()
    if draft is None:
        raise DraftNotFound
    return draft


def publish_draft(draft_id: UUID, *, by: Actor) -> Version:
    """Publish what was looked at. The draft goes; a refusal leaves it as it was."""
    draft = find_draft(draft_id, by=by)
    with _as_upload(draft) as upload:
        version = publish_version(upload, by=by)
    Draft.objects.filter(pk=draft.pk).delete()
    return version


def published_from(sha256: str, *, by: Actor) -> Version | None:
    """The actor's version that has these very bytes: what became of a draft whose form was sent
    twice."""
    mine = Version.objects.filter(uploaded_by_user_id=by.require_user().pk)
    found: Version | None = (
        mine.filter(tarball_sha256=sha256).select_related("agent").order_by("-uploaded_at").first()
    )
    return found


@transaction.atomic
def discard_draft(draft_id: UUID, *, by: Actor) -> None:
    draft = find_draft(draft_id, by=by)
    record("draft.discarded", "draft", str(draft), by=by)
    draft.delete()


def forget_expired_drafts() -> int:
    """Drop drafts that are older than a day; the sweep takes their bytes. Gives how many."""
    return Draft.objects.filter(expires_at__lte=now()).delete()[0]


@contextmanager
def _as_upload(draft: Draft) -> Iterator[Upload]:
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
    """A file that can be read twice: a stream from a bucket cannot."""
    with tempfile.TemporaryFile() as copy:
        with default_storage.open_stream(key) as stream:  # type: ignore[attr-defined]
            shutil.copyfileobj(stream, copy, 1024 * 1024)
        copy.seek(0)
        yield cast(BinaryIO, copy)
