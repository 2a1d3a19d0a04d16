"""Deletes stored files that no row refers to."""

from foundation.files.sweep import StoredFolder, delete_orphans
from profiles.pictures import STORED_PICTURES
from registry.files.small_images import FOLDER as SMALL_IMAGES
from registry.files.unpacked import FOLDER as UNPACKED
from registry.models import Draft, Version, VersionAsset
from wordclaw.forms.uploads.actions import STORED_FILES


def sweep_files(*, older_than_hours: int = 25) -> int:
    """Deletes orphaned files of at least this age, and returns their number."""
    # One query for all drafts is enough: the images of a draft that is saved later are young.
    draft_images = {
        asset["r2_key"]
        for assets in Draft.objects.unexpired().values_list("assets", flat=True)
        for asset in assets
    }
    sources = {
        import_facts["source"]["key"]
        for import_facts in Draft.objects.unexpired().values_list("import_facts", flat=True)
        if import_facts.get("source")
    }
    folders = (
        StoredFolder("tarballs", lambda key: key in sources or _is_tarball(key)),
        StoredFolder("assets", lambda key: key in draft_images or _is_asset(key)),
        # The pictures for link previews have no rows: they are drawn again on request.
        StoredFolder("pictures", lambda key: False),
        # Nor do unpacked packages, which are unpacked again.
        StoredFolder(UNPACKED, lambda key: False),
        StoredFolder(SMALL_IMAGES, _is_small_image),
        STORED_PICTURES,
        STORED_FILES,
    )
    return delete_orphans(folders, older_than_hours=older_than_hours)


def _is_tarball(key: str) -> bool:
    return (
        Version.objects.filter(tarball_r2_key=key).exists()
        or Draft.objects.unexpired().filter(tarball_r2_key=key).exists()
    )


def _is_small_image(key: str) -> bool:
    sha256 = key.removeprefix(f"{SMALL_IMAGES}/").removesuffix(".webp")
    return VersionAsset.objects.filter(small_sha256=sha256).exists()


def _is_asset(key: str) -> bool:
    return VersionAsset.objects.filter(r2_key=key).exists()
