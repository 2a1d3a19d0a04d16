"""An icon or a screenshot as the check leaves it."""

from dataclasses import dataclass
from typing import Literal

from registry.package.findings import Finding

AssetKind = Literal["icon", "screenshot"]
SVG = "image/svg+xml"


@dataclass(frozen=True, slots=True)
class ImagePart:
    """Bytes from `start` up to `end` of the upload, after `inserted_bytes` (hex)."""

    start: int
    end: int
    inserted_bytes: str = ""


@dataclass(frozen=True)
class CheckedAsset:
    """An icon or a screenshot with its findings.

    `content_type` follows from the bytes. `width` and `height` are in pixels, and None for an SVG
    or an image that was refused. `parts` of the upload are stored: it without metadata. `size` in
    bytes and `sha256` in lowercase hex are those of the stored image, or of a refused upload.
    """

    kind: AssetKind
    path: str
    size: int
    sha256: str
    content_type: str
    findings: tuple[Finding, ...] = ()
    width: int | None = None
    height: int | None = None
    parts: tuple[ImagePart, ...] = ()
