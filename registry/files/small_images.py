"""Small copies of icons and screenshots, stored under their own digest."""

from contextlib import suppress

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from registry.models import VersionAsset, VersionWithholding

FOLDER = "small"


def key_of(sha256: str) -> str:
    return f"{FOLDER}/{sha256}.webp"


def store_small_image(sha256: str, webp: bytes) -> None:
    default_storage.save(key_of(sha256), ContentFile(webp))


def read_small_image(sha256: str) -> bytes | None:
    """The WebP with this digest; None if no version shows it."""
    withheld_versions = VersionWithholding.objects.in_force().values("version")
    images = VersionAsset.objects.filter(small_sha256=sha256).exclude(version__in=withheld_versions)
    # The key is made only from a digest that a row has, never from an address as it came.
    if not sha256 or not images.exists():
        return None
    with (
        suppress(FileNotFoundError),
        default_storage.open_stream(key_of(sha256)) as stream,  # type: ignore[attr-defined]
    ):
        webp: bytes = stream.read()
        return webp
    return None
