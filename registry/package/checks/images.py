"""Checks icons and screenshots by their bytes, not by their names."""

import hashlib
import io
from typing import BinaryIO

from PIL import Image

from registry.package.checks.checked_image import SVG, AssetKind, CheckedAsset, ImagePart
from registry.package.checks.image_metadata import join_parts, parts_without_metadata
from registry.package.checks.image_parts import has_more_parts
from registry.package.checks.paths import normalise_path, path_problem
from registry.package.checks.svg import check_svg
from registry.package.checks.svg_metadata import svg_without_metadata
from registry.package.findings import new_finding
from registry.package.limits import PackageLimits, format_bytes

_UNKNOWN = "application/octet-stream"
_CHUNK_BYTES = 64 * 1024
_RASTER_STARTS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF")
_RASTER_FORMATS = ("PNG", "JPEG", "WEBP")
# MPO is a JPEG with further images in it, as some cameras write them.
_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "MPO": "image/jpeg", "WEBP": "image/webp"}
_DAMAGED = "The image is damaged, or of another format than its first bytes claim."
_ANIMATED_ICON = "The icon is animated. An icon in a list must not move."
_NOT_A_RASTER = "It is not PNG, JPEG or WebP."
_NOT_AN_IMAGE = "The file is not a PNG, JPEG, WebP or SVG image."


def check_asset(
    kind: AssetKind, path: str, stream: BinaryIO, limits: PackageLimits
) -> CheckedAsset:
    """Reads an image from the position of its stream; `path` is its name as sent."""
    data = stream.read(limits.image_bytes + 1)
    sha256, size = hashlib.sha256(data), len(data)
    while chunk := stream.read(_CHUNK_BYTES):
        sha256.update(chunk)
        size += len(chunk)
    findings = []
    if problem := path_problem(normalise_path(path)):
        message = f"The name of the {kind} {problem}."
        findings.append(new_finding("asset_invalid", path, message))
    content_type, width, height = _UNKNOWN, None, None
    parts: tuple[ImagePart, ...] = ()
    if size > limits.image_bytes:
        message = f"The {kind} is larger than {format_bytes(limits.image_bytes)}."
        findings.append(new_finding("asset_too_large", path, message))
    else:
        # What is left out of a drawing is not checked, as it is not stored.
        parts = drawing_parts(data)
        drawing = join_parts(data, parts) if parts else data
        content_type, fault = _check_image(kind, drawing, limits)
        if fault:
            findings.append(new_finding("asset_invalid", path, fault))
            parts = ()
        else:
            if content_type != SVG:
                width, height = _read_dimensions(data)
                parts = parts_without_metadata(data, content_type)
            data = join_parts(data, parts) if parts else data
            sha256, size = hashlib.sha256(data), len(data)
    return CheckedAsset(
        kind,
        normalise_path(path),
        size,
        sha256.hexdigest(),
        content_type,
        tuple(findings),
        width,
        height,
        parts,
    )


def drawing_parts(data: bytes) -> tuple[ImagePart, ...]:
    """Returns the parts of an SVG to store, or none of another file."""
    if data.startswith(_RASTER_STARTS) or b"<" not in data[:_CHUNK_BYTES]:
        return ()
    try:
        return svg_without_metadata(data)
    except ValueError:
        return ()


def _check_image(kind: AssetKind, data: bytes, limits: PackageLimits) -> tuple[str, str | None]:
    """Returns the content type of an image, and its fault or None."""
    if not data:
        return _UNKNOWN, "The file is empty."
    if data.startswith(_RASTER_STARTS):
        return _check_raster(kind, data, limits)
    # An SVG has a tag near its beginning; other files need not reach the XML parser.
    if b"<" not in data[:_CHUNK_BYTES]:
        return _UNKNOWN, _NOT_AN_IMAGE
    report = check_svg(data, limits)
    if report.problem:
        return _UNKNOWN, report.problem
    if kind == "icon" and report.is_animated:
        return SVG, _ANIMATED_ICON
    for picture in report.pictures:
        # Browsers look at the bytes, and show a GIF that moves.
        is_raster = picture.startswith(_RASTER_STARTS)
        fault = _check_raster(kind, picture, limits)[1] if is_raster else _NOT_A_RASTER
        # A browser shows nothing for a damaged one.
        if fault and fault != _DAMAGED:
            return _UNKNOWN, f"An image in the SVG is not allowed: {fault}"
    return SVG, None


def _check_raster(kind: AssetKind, data: bytes, limits: PackageLimits) -> tuple[str, str | None]:
    if has_more_parts(data, limits.image_parts):
        return _UNKNOWN, f"The image file has more than {limits.image_parts:,} parts."
    # Pillow raises a dozen kinds of exceptions for damaged files.
    try:
        with Image.open(io.BytesIO(data), formats=_RASTER_FORMATS) as image:
            width, height = image.size
            content_type = _TYPES[image.format or ""]
            # Checked before decoding: a file of a few bytes may claim a gigapixel.
            if fault := _size_fault(kind, width, height, limits):
                return content_type, fault
            if fault := _frames_fault(kind, getattr(image, "n_frames", 1), limits):
                return content_type, fault
            if image.format in ("JPEG", "MPO") and count_scans(data) > limits.image_scans:
                return content_type, f"The image has more than {limits.image_scans} scans."
            _verify(image)
    except Exception:
        return _UNKNOWN, _DAMAGED
    return content_type, None


def _size_fault(kind: AssetKind, width: int, height: int, limits: PackageLimits) -> str | None:
    side = limits.icon_side if kind == "icon" else limits.image_side
    if max(width, height) <= side and width * height <= limits.image_pixels:
        return None
    return (
        f"The {kind} has {width:,} by {height:,} pixels. At most {side:,} on a side and"
        f" {limits.image_pixels:,} in total are allowed."
    )


def _frames_fault(kind: AssetKind, frame_count: int, limits: PackageLimits) -> str | None:
    if kind == "icon" and frame_count > 1:
        return _ANIMATED_ICON
    if frame_count > limits.image_frames:
        return f"The image has more than {limits.image_frames} pictures."
    return None


def count_scans(data: bytes) -> int:
    """Returns the number of scans of a JPEG; each costs a pass over the picture.

    The marker of a scan cannot be inside of a scan, where a zero follows each byte 255. In the
    fields of a header it may occur by chance, so the result may be too high by a few.
    """
    return data.count(b"\xff\xda")


def _verify(image: Image.Image) -> None:
    """Raises unless the file is complete.

    PNG and WebP are verified by their structure. JPEG has no checksums, so it is decoded, at an
    eighth of its size to save time.
    """
    if image.format in ("JPEG", "MPO"):
        image.draft("RGB", (image.width // 8, image.height // 8))
        image.load()
    else:
        image.verify()


def _read_dimensions(data: bytes) -> tuple[int, int]:
    # A verified image cannot be used again, so it is opened a second time; this reads the header.
    with Image.open(io.BytesIO(data), formats=_RASTER_FORMATS) as image:
        return image.size
