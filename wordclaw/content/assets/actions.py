"""Writes of assets."""

from datetime import timedelta
from uuid import UUID

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, Sum

from foundation.actor import Actor
from foundation.audit.actions import record
from foundation.clock import now
from foundation.files.sweep import StoredFolder
from foundation.text.input import read_uuid
from wordclaw.content.assets.errors import AssetInUse, ContentAssetNotFound, NoRoomForAsset
from wordclaw.content.assets.tasks import IMAGE_TYPES, PDF, TEXT
from wordclaw.content.assets.upload import JudgedUpload
from wordclaw.content.items.references import used_by
from wordclaw.content.models import ContentReference
from wordclaw.content.models.assets import Asset
from wordclaw.content.space import add_space, require_space, return_space
from wordclaw.policy.actions import authorize
from wordclaw.policy.models import Domain

# Part of every stored key: another value would make an orphan of each file, which the sweep
# deletes.
FOLDER = "content-assets"
# Publishing is free of charge, so one account must not be able to fill the disk of all others.
MAX_ASSETS = 5_000
MAX_TOTAL_BYTES = 1024 * 1024 * 1024
MAX_DELETED = 500
"""Files that one run deletes; the next day's run deletes further ones."""
ENDINGS = {PDF: "pdf", TEXT: "txt"} | {
    content_type: content_type.removeprefix("image/") for content_type in IMAGE_TYPES.values()
}
STORED_ASSETS = StoredFolder(FOLDER, lambda key: Asset.objects.filter(storage_key=key).exists())


def authorize_upload(domain: Domain, *, by: Actor) -> None:
    """Raise a refusal unless the actor may add assets, before a byte is read."""
    authorize(by, "content.write", domain, resource_type="asset")


@transaction.atomic
def add_asset(
    domain: Domain, upload: JudgedUpload, *, is_dry_run: bool = False, by: Actor
) -> Asset:
    """Store a judged file as an asset of the domain; a dry run stores no bytes.

    Raises NoRoomForAsset, InsufficientStorage, RateLimited or ContentSpaceUsedUp.
    """
    authorize_upload(domain, by=by)
    _require_space(domain, upload.size_bytes)
    require_space(domain.pk, upload.size_bytes, author_id=by.user_id)
    key = storage_key(domain, upload)
    if not is_dry_run:
        store_bytes(key, upload)
    asset: Asset = Asset.objects.create(
        domain=domain,
        name=upload.name,
        content_type=upload.content_type,
        size_bytes=upload.size_bytes,
        sha256=upload.sha256,
        storage_key=key,
        width=upload.width,
        height=upload.height,
        access=upload.access,
        author_id=by.user_id,
    )
    # Saves the answer a query for the author, who is in memory already.
    asset.author = by.user  # type: ignore[assignment]
    add_space(domain.pk, upload.size_bytes)
    _record("create", asset, by=by)
    return asset


def storage_key(domain: Domain, upload: JudgedUpload) -> str:
    """Return where the bytes of a file of a domain are stored."""
    # Named by content, so that equal files are stored once; by domain, so that the key of one tells
    # nothing about the files of another.
    return f"{FOLDER}/{domain.pk}/{upload.sha256}.{ENDINGS[upload.content_type]}"


def store_bytes(key: str, upload: JudgedUpload) -> None:
    """Store the bytes of a judged file, before a row names them."""
    # Bytes before the row (ADR 3): a crash leaves an orphan file, which the sweep deletes.
    default_storage.save(key, File(upload.file, name=key))


def _require_space(domain: Domain, size_bytes: int) -> None:
    # Writers of one domain wait for each other, so that two cannot take the last place.
    Domain.objects.select_for_update(no_key=True).get(pk=domain.pk)
    # Without the files of submissions, which have a place of their own: strangers must not be able
    # to use up that of the members.
    assets = Asset.objects.alive().of_members().filter(domain=domain)
    totals = assets.aggregate(Count("pk"), Sum("size_bytes"))
    if totals["pk__count"] >= MAX_ASSETS:
        raise NoRoomForAsset(f"A domain has at most {MAX_ASSETS:,} assets.")
    if (totals["size_bytes__sum"] or 0) + size_bytes > MAX_TOTAL_BYTES:
        raise NoRoomForAsset("The assets of a domain have at most 1 GiB together.")


@transaction.atomic
def delete_asset(domain: Domain, asset_id: str | UUID, *, by: Actor) -> None:
    """Delete an asset; the sweep deletes its bytes after a day.

    Raises ContentAssetNotFound, or AssetInUse while a working copy or a published version refers
    to it.
    """
    authorize(
        by,
        "content.write",
        domain,
        resource_type="asset",
        resource_id=str(asset_id),
        # A different answer for a foreign domain would tell that the asset exists.
        hidden_as=ContentAssetNotFound,
    )
    # Writers of items that refer to it wait, and find it deleted: `store_references`.
    assets = Asset.objects.select_for_update().alive().select_related("domain")
    asset = assets.filter(domain=domain, pk=read_uuid(asset_id)).first()
    if asset is None:
        raise ContentAssetNotFound
    # Only active uses count: otherwise an asset that any former version shows could never be
    # deleted.
    uses = used_by("asset", str(asset.pk)).active
    if uses:
        raise AssetInUse(
            references=[{"contentItemId": str(use.item_id), "pointer": use.pointer} for use in uses]
        )
    _remove(asset, by=by)


def _remove(asset: Asset, *, by: Actor) -> None:
    _record("delete", asset, by=by)
    return_space(asset.domain_id, asset.size_bytes or 0)
    asset.deleted_at = now()
    # The sweep deletes files that no row names; the row itself stays for the versions that refer to
    # it.
    asset.storage_key = asset.sha256 = asset.size_bytes = None
    asset.save()


def delete_files_of_deleted_items(*, older_than: timedelta, by: Actor) -> int:
    """Delete submitted files whose items are gone for good. Returns their number."""
    before, count = now() - older_than, 0
    assets = Asset.objects.alive().filter(is_submitted=True)
    # A file that another item shows by now stays with that one.
    is_shown = Q(item__deleted_at=None) | Q(item__deleted_at__gte=before)
    uses = ContentReference.objects.filter(target_asset=OuterRef("pk"))
    rows = assets.filter(~Exists(uses.filter(is_shown)), created_at__lt=before)
    for asset_id in rows.order_by("pk").values_list("pk", flat=True)[:MAX_DELETED]:
        with transaction.atomic():
            rows_to_lock = assets.select_for_update(of=("self",)).select_related("domain")
            asset = rows_to_lock.filter(~Exists(uses.filter(is_shown)), pk=asset_id).first()
            if asset is not None:
                _remove(asset, by=by)
                count += 1
    return count


def _record(action: str, asset: Asset, *, by: Actor) -> None:
    record(
        f"asset.{action}",
        "asset",
        str(asset.pk),
        by=by,
        tenant=asset.domain.name,
        name=asset.name,
        sha256=asset.sha256,
        size=asset.size_bytes,
    )
