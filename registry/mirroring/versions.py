"""Takes over one version: compares all that the source says, and publishes it.

It goes through the checks of every publish here. What they refuse is not taken over.
"""

import json
import tempfile
import time
from contextlib import ExitStack
from typing import Any, cast

from foundation.actor import Actor
from foundation.refusals import (
    InsufficientStorage,
    Refusal,
    TooMany,
    Unauthenticated,
    Unavailable,
)
from registry.mirroring.answers import Image, SourceMoves, SourceVersion, VersionRecord
from registry.mirroring.errors import VersionRefused
from registry.mirroring.source import Source, segment
from registry.models import Channel, Version
from registry.package.limits import LIMITS
from registry.publishing.publish import publish_version
from registry.publishing.upload import Upload, UploadedAsset

BUSY_ATTEMPTS = 5
MAX_BUSY_WAIT = 60.0
MAX_NAMED_FINDINGS = 5
CLOSED_CODES = ("withheld_at_source", "for_sale")
IMAGE_KINDS = ("icon", "screenshot")


def take_over_version(source: Source, full_id: str, row: SourceVersion, *, by: Actor) -> Version:
    """Publish a version of the source under the id that its agent has there now.

    ``row`` is its line in the index. Raises VersionRefused, which concerns this version alone, and
    SourceFailed or another refusal that stops the run.
    """
    refuse_closed(row)
    if row.sizeBytes > LIMITS.tarball_bytes:
        raise VersionRefused("tarball_too_large", f"Its package has {row.sizeBytes:,} bytes.")
    base = f"/agents/{full_id.removeprefix('@')}/versions/{segment(row.version)}"
    answer = source.read(VersionRecord, base)
    refuse_contradiction(row, answer)
    with ExitStack() as files:
        tarball = files.enter_context(tempfile.TemporaryFile())
        source.download(f"{base}/tarball", tarball, size=row.sizeBytes, sha256=row.sha256)
        images = [image for image in answer.assets if image.kind in IMAGE_KINDS]
        assets = tuple(_download_image(source, base, image, files) for image in images)
        upload = Upload(
            metadata=json.dumps(answer.manifest),
            tarball=tarball,
            assets=assets,
            # The official channel is a word of this shop's maintainers, not of another's.
            channel=Channel.BETA if row.channel == Channel.BETA else None,
            listed_as=_id_now(source, full_id, answer.manifest),
        )
        return _publish(upload, by)


def refuse_closed(row: SourceVersion) -> None:
    """Refuse a version whose package the source does not hand out."""
    if row.is_withheld:
        raise VersionRefused(CLOSED_CODES[0], "The source withholds it.")
    if row.offer is not None:
        raise VersionRefused(CLOSED_CODES[1], "It has a price at the source.")


def refuse_contradiction(row: SourceVersion, answer: VersionRecord) -> None:
    """Refuse a version about which the index and its own record differ."""
    of_index = (row.version, row.channel, row.sha256, row.sizeBytes)
    of_record = (
        answer.version,
        answer.channel,
        answer.tarballSha256,
        answer.tarballSizeBytes,
    )
    if of_index != of_record:
        raise VersionRefused(
            "source_contradicts_itself",
            f"The index says {of_index}, the record of the version says {of_record}.",
            is_alarm=True,
        )
    if answer.manifest.get("version") != row.version:
        message = f"Its agent.json is of version {str(answer.manifest.get('version'))[:128]}."
        raise VersionRefused("source_contradicts_itself", message, is_alarm=True)


def _id_now(source: Source, full_id: str, manifest: dict[str, Any]) -> str:
    """Return the present id of an agent if the package has a former one, else a blank."""
    written_id = str(manifest.get("id")).lower()
    if written_id == full_id:
        return ""
    path = f"/agents/{full_id.removeprefix('@')}/moves"
    if written_id not in {move.from_ for move in source.read(SourceMoves, path).items}:
        raise VersionRefused(
            "source_contradicts_itself",
            f"Its agent.json is of {written_id[:130]}, which was never {full_id}.",
            is_alarm=True,
        )
    return full_id


def _download_image(source: Source, base: str, image: Image, files: ExitStack) -> UploadedAsset:
    if image.sizeBytes > LIMITS.image_bytes:
        raise VersionRefused("asset_too_large", f"{image.path} has {image.sizeBytes:,} bytes.")
    file = files.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - the stack closes it
    path = f"{base}/assets/{image.id}"
    source.download(path, file, size=image.sizeBytes, sha256=image.sha256)
    return UploadedAsset(cast(Any, image.kind), image.path, file)


def _publish(upload: Upload, by: Actor) -> Version:
    for _ in range(BUSY_ATTEMPTS - 1):
        try:
            return _publish_once(upload, by)
        except TooMany as refusal:
            # Other uploads are checked at the moment, and go first.
            time.sleep(min(float(refusal.details.get("retry_after", 1)), MAX_BUSY_WAIT))
    return _publish_once(upload, by)


def _publish_once(upload: Upload, by: Actor) -> Version:
    try:
        return publish_version(upload, by=by)
    except (TooMany, Unavailable, InsufficientStorage, Unauthenticated):
        # They say nothing about the version, so a later run tries it again.
        raise
    except Refusal as refusal:
        raise VersionRefused(refusal.code, _describe(refusal)) from refusal


def _describe(refusal: Refusal) -> str:
    rows = refusal.details.get("findings") or refusal.details.get("errors") or ()
    errors = [row for row in rows if row.get("severity", "error") == "error"]
    texts = [f"{row.get('code', '')} {row['path']}: {row['message']}".strip() for row in errors]
    named_texts = texts[:MAX_NAMED_FINDINGS]
    return " · ".join([refusal.message, *named_texts])
