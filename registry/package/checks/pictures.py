"""Finds out which images of a package a README may show, and their sizes."""

import io

from PIL import Image

from registry.package.checks.extensions import get_extension
from registry.package.checks.svg import check_svg
from registry.package.limits import PackageLimits

# Extensions that have a content type: see registry/files/api.py.
SHOWN_EXTENSIONS = frozenset({"gif", "jpeg", "jpg", "png", "svg", "webp"})
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF")

PictureSize = tuple[int, int]
"""Width and height in pixels; zeros for an SVG, which has the size that a page gives it."""


def read_picture_size(
    path: str, head: bytes, size: int, limits: PackageLimits
) -> PictureSize | None:
    """Returns the size of an image that pages may show, or None.

    `head` is the beginning of the file. Of an SVG it must be all: a small one can keep a browser
    busy for minutes, so it is checked like an icon.
    """
    if size > limits.shown_image_bytes or get_extension(path) not in SHOWN_EXTENSIONS:
        return None
    if get_extension(path) == "svg":
        is_safe = len(head) == size and check_svg(head, limits).problem is None
        return (0, 0) if is_safe else None
    # Pillow raises a dozen kinds of exceptions for damaged files. It reads the header only.
    try:
        with Image.open(io.BytesIO(head), formats=_FORMATS) as image:
            width, height = image.size
    except Exception:
        return None
    may_show = max(width, height) <= limits.image_side and width * height <= limits.image_pixels
    return (width, height) if may_show else None
