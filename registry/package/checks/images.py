"""The store's pictures: icon and screenshots, judged by their content, not by their names."""

import hashlib
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Literal

from PIL import Image

from registry.package.checks.paths import path_problem, without_dot_slash
from registry.package.checks.svg import svg_problem
from registry.package.findings import Finding, finding
from registry.package.limits import PackageLimits

AssetKind = Literal["icon", "screenshot"]

SVG = "image/svg+xml"
_UNKNOWN = "application/octet-stream"
_CHUNK = 64 * 1024
_RASTER_STARTS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF")
_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "MPO": "image/jpeg", "WEBP": "image/webp"}


@dataclass(frozen=True)
class Asset:
    """A picture for the store page; `content_type` is what its bytes are, `sha256` in hex."""

    kind: AssetKind
    path: str
    size: int
    sha256: str
    content_type: str
    findings: tuple[Finding, ...] = ()
    width: int | None = None
    height: int | None = None
    """In pixels; None for a drawing, which has no size of its own."""


def inspect_asset(kind: AssetKind, path: str, stream: BinaryIO, limits: PackageLimits) -> Asset:
    """Judges a picture from the stream's position on; `path` is the name it was sent with."""
    data = stream.read(limits.image_bytes + 1)
    sha256 = hashlib.sha256(data)
    size = len(data) + _measured(stream, sha256.update)
    content_type, findings = _UNKNOWN, list(_path_faults(path))
    width = height = None
    if size > limits.image_bytes:
        message = f"The image is larger than {limits.image_bytes} bytes."
        findings.append(finding("asset_too_large", path, message))
    else:
        content_type, fault = _judged(data, limits)
        if fault:
            findings.append(finding("asset_invalid", path, fault))
        elif content_type != SVG:
            width, height = _pixels(data)
    name = without_dot_slash(path)
    digest = sha256.hexdigest()
    return Asset(kind, name, size, digest, content_type, tuple(findings), width, height)


def _pixels(data: bytes) -> tuple[int, int]:
    """Of a picture that was judged: width and height, from its header alone."""
    with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP")) as image:
        return image.size


def _measured(stream: BinaryIO, update: Callable[[bytes], object]) -> int:
    """Hashes what is left of the stream, answers with its length."""
    size = 0
    while chunk := stream.read(_CHUNK):
        update(chunk)
        size += len(chunk)
    return size


def _path_faults(path: str) -> Iterator[Finding]:
    if problem := path_problem(without_dot_slash(path)):
        yield finding("asset_invalid", path, f"The name {problem}.")


def _judged(data: bytes, limits: PackageLimits) -> tuple[str, str | None]:
    """The type of the picture and what is wrong with it, if anything."""
    if not data:
        return _UNKNOWN, "The file is empty."
    if data.startswith(_RASTER_STARTS):
        return _judged_raster(data, limits)
    if b"<" not in data[:_CHUNK]:
        return _UNKNOWN, "The file is not a PNG, JPEG, WebP or SVG image."
    problem = svg_problem(data)
    return (_UNKNOWN, problem) if problem else (SVG, None)


def _judged_raster(data: bytes, limits: PackageLimits) -> tuple[str, str | None]:
    # Pillow raises a dozen kinds of exception on damaged files: each means that it is damaged.
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP")) as image:
            width, height = image.size
            content_type = _TYPES[image.format or ""]
            if max(width, height) > limits.image_side or width * height > limits.image_pixels:
                return content_type, f"The image is too large to show: {width} by {height} pixels."
            _read_whole(image)
    except Exception:
        return _UNKNOWN, "The image is damaged, or of another kind than its first bytes say."
    return content_type, None


def _read_whole(image: Image.Image) -> None:
    """Raises unless the file is whole: by its checksums, or unpacked to an eighth of its size."""
    if image.format in ("JPEG", "MPO"):
        image.draft("RGB", (image.width // 8, image.height // 8))
        image.load()
    else:
        image.verify()
