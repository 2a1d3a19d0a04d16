"""Makes small copies of icons and screenshots, for lists and preview pictures.

A copy is drawn anew from the first picture of the file, so it has no motion and no metadata.
"""

import hashlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import resvg_py
from PIL import Image, ImageOps

from registry.examiner.records import SMALL_ICON_BYTES, ImageToShrink, SmallImage
from registry.package.checks.checked_image import SVG, AssetKind

SIDES: dict[AssetKind, tuple[int, int]] = {"icon": (144, 144), "screenshot": (480, 360)}
"""Pixels, at most: twice what pages show, for sharp screens."""
MAX_BYTES: dict[AssetKind, int] = {"icon": SMALL_ICON_BYTES, "screenshot": 40_000}
FORMATS = ("PNG", "JPEG", "WEBP")
QUALITIES = (80, 65, 50, 35)
FONT = Path(__file__).parent.parent / "embeds/fonts/sans-regular.ttf"
FONT_FAMILY = "Clawstore Sans"


def shrink_image(image: ImageToShrink, stream: BinaryIO) -> SmallImage:
    data = stream.read()
    # Pillow raises a dozen kinds of exceptions. A panic of resvg is no Exception at all.
    try:
        picture = _open_svg(image, data) if image.content_type == SVG else _open_raster(image, data)
        webp = _encode(picture, MAX_BYTES[image.kind])
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException:
        return SmallImage()
    return SmallImage(webp.hex(), hashlib.sha256(webp).hexdigest())


def _open_svg(image: ImageToShrink, data: bytes) -> Image.Image:
    side = SIDES[image.kind][0]
    # The check has refused everything that an SVG could load from elsewhere.
    png = resvg_py.svg_to_bytes(
        svg_string=data.decode(),
        width=side,
        skip_system_fonts=True,
        font_files=[str(FONT)] if b"<text" in data else None,
        font_family=FONT_FAMILY,
        sans_serif_family=FONT_FAMILY,
    )
    with Image.open(io.BytesIO(png), formats=["PNG"]) as picture:
        return _fit(picture.convert("RGBA"), image.kind)


def _open_raster(image: ImageToShrink, data: bytes) -> Image.Image:
    with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
        # A JPEG is decoded at the next larger of its own sizes.
        picture.draft("RGB", SIDES[image.kind])
        picture.load()
        has_alpha = picture.has_transparency_data
        upright = ImageOps.exif_transpose(picture.convert("RGBA" if has_alpha else "RGB"))
    return _fit(upright, image.kind)


def _fit(picture: Image.Image, kind: AssetKind) -> Image.Image:
    picture.thumbnail(SIDES[kind], Image.Resampling.LANCZOS, reducing_gap=3.0)
    # A new image, because a saved copy would keep chunks of the original.
    canvas = Image.new(picture.mode, picture.size)
    canvas.paste(picture)
    return canvas


def _encode(picture: Image.Image, max_bytes: int) -> bytes:
    """Returns the first encoding that is small enough, else the smallest."""
    smallest = b""
    for webp in _encodings(picture):
        if len(webp) <= max_bytes:
            return webp
        smallest = min(smallest or webp, webp, key=len)
    return smallest


def _encodings(picture: Image.Image) -> Iterator[bytes]:
    # A drawing without losses is smaller and sharper; for a screenshot that takes too long.
    if max(picture.size) <= max(SIDES["icon"]):
        yield _save(picture, lossless=True)
    for quality in QUALITIES:
        yield _save(picture, quality=quality, method=3)


def _save(picture: Image.Image, **options: object) -> bytes:
    output = io.BytesIO()
    picture.save(output, "WEBP", **options)
    return output.getvalue()
