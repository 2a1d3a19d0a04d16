"""Small copies of the images of versions: at a publish, or by a job later."""

import logging
from collections.abc import Collection, Iterable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from typing import BinaryIO, Protocol, cast

from django.core.files.storage import default_storage
from django.db import transaction

from registry.agents.listing import update_row_columns
from registry.agents.revisions import bump_listing
from registry.agents.stored_pages import delete_parts
from registry.errors import PackageTooCostly
from registry.examiner.records import ImageToShrink
from registry.examiner.tasks import Examiner
from registry.files.small_images import store_small_image
from registry.models import VersionAsset
from registry.package.checks.checked_image import AssetKind
from registry.sandbox.descriptors import with_descriptor
from registry.sandbox.examination import Examination
from registry.sandbox.lanes import LIMITS
from registry.sandbox.uploads import examine

# A picture takes some hundredths of a second. An image that takes longer stays as it is.
SHRINK_LIMITS = replace(LIMITS, cpu_seconds=3)
ASSETS_PER_RUN = 200

log = logging.getLogger("clawstore.small_images")


class CheckedImage(Protocol):
    """The attributes of a checked image that this module reads."""

    @property
    def kind(self) -> AssetKind: ...
    @property
    def content_type(self) -> str: ...
    @property
    def sha256(self) -> str: ...


def make_small_images(
    images: Iterable[tuple[CheckedImage, BinaryIO]], examination: Examination
) -> dict[str, str]:
    """Stores small copies and returns their digests by the digest of the image.

    A digest is blank if no copy can be made. An image that the task was stopped for is missing:
    the job tries it again alone. Copies of images that other versions have are not made again.
    """
    streams = {image.sha256: (image, stream) for image, stream in images}
    digests = _find_digests(streams)
    missing_images = [pair for sha256, pair in streams.items() if sha256 not in digests]
    with suppress(PackageTooCostly):
        digests |= _shrink(missing_images, examination)
    return digests


def _find_digests(sha256s: Collection[str]) -> dict[str, str]:
    assets = VersionAsset.objects.filter(sha256__in=sha256s).exclude(small_sha256=None)
    return {sha256: small or "" for sha256, small in assets.values_list("sha256", "small_sha256")}


def _shrink(
    images: Sequence[tuple[CheckedImage, BinaryIO]], examination: Examination
) -> dict[str, str]:
    if not images:
        return {}
    request = tuple(
        ImageToShrink(image.kind, image.content_type, image.sha256) for image, _ in images
    )
    with ExitStack() as copies:
        files = [copies.enter_context(with_descriptor(stream)) for _, stream in images]
        answer = examination.call(Examiner.shrink, request, files, limits=SHRINK_LIMITS)
    for copy in answer:
        if copy.sha256:
            store_small_image(copy.sha256, copy.data)
    return {image.sha256: copy.sha256 for (image, _), copy in zip(images, answer, strict=True)}


def make_missing_small_images() -> int:
    """Makes the small copies that are missing and returns their number.

    They are missing after an import, and where the task was stopped.
    """
    assets = VersionAsset.objects.without_small_copy().select_related("version__agent")
    batch = list(assets.order_by("-version__uploaded_at", "id")[:ASSETS_PER_RUN])
    for asset in batch:
        _set_small_copy(asset, _make_small_copy(asset))
    return len(batch)


def _make_small_copy(asset: VersionAsset) -> str:
    """Returns the digest of the copy; blank if none can be made."""
    try:
        stream = default_storage.open_stream(asset.r2_key)  # type: ignore[attr-defined]
    except FileNotFoundError:
        return ""
    image = ImageToShrink(cast(AssetKind, asset.kind), asset.content_type, asset.sha256)
    with stream, examine() as examination:
        return make_small_images([(image, stream)], examination).get(asset.sha256, "")


@transaction.atomic
def _set_small_copy(asset: VersionAsset, sha256: str) -> None:
    VersionAsset.objects.filter(pk=asset.pk).set_small_copy(sha256)
    # Pages and rows of lists show the copy.
    delete_parts(asset.version)
    update_row_columns([asset.version.agent])
    bump_listing(asset.version.agent_id)
