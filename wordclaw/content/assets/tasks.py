"""Judges an uploaded file in the sandbox (ADR 22). Knows no Django."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from PIL import Image, ImageOps, UnidentifiedImageError

from wordclaw.content.assets.sizes import MAX_BYTES

MAX_PIXELS = 40_000_000
"""A photograph of a telephone; its four channels take 160 MB of memory."""
# Pillow reads dozens of formats, many of them with a history of vulnerabilities. A GIF has no
# motion afterwards, so PNG shows the same.
IMAGE_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp", "GIF": "image/png"}
PDF, TEXT = "application/pdf", "text/plain; charset=utf-8"
PDF_BEGIN, PDF_END = b"%PDF-", b"%%EOF"
# Readers of PDF look for its end in the last 1,024 bytes.
PDF_TAIL = 1024
QUALITY = 88


@dataclass(frozen=True, slots=True)
class JudgedAsset:
    """The type of a file, or in ``problem`` the reason against it.

    ``image`` is an image encoded again, in hexadecimal digits; other files stay as they were sent.
    """

    content_type: str = ""
    image: str = ""
    width: int = 0
    height: int = 0
    problem: str = ""


class AssetTasks:
    def judge(self, argument: None, files: Sequence[BinaryIO]) -> JudgedAsset:
        """Find the type of a file in its bytes; its name and declared type say nothing."""
        data = files[0].read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            return JudgedAsset(problem="size")
        if data.startswith(PDF_BEGIN):
            # Only the end is looked at: nothing here opens PDFs, and readers get them as downloads.
            is_whole = PDF_END in data[-PDF_TAIL:]
            return JudgedAsset(PDF) if is_whole else JudgedAsset(problem="damaged")
        image = judge_image(data)
        if image is not None:
            return image
        return JudgedAsset(TEXT) if is_text(data) else JudgedAsset(problem="type")


def judge_image(data: bytes) -> JudgedAsset | None:
    """The image encoded again; None if the data is no image of a known format."""
    # Pillow raises a dozen kinds of exceptions on damaged files.
    try:
        with Image.open(io.BytesIO(data), formats=list(IMAGE_TYPES)) as image:
            if image.width * image.height > MAX_PIXELS:
                # The header is read before any pixel is decoded, so a decompression bomb costs
                # nothing.
                return JudgedAsset(problem="pixels")
            return _draw_again(image)
    except UnidentifiedImageError:
        return None
    except Exception:
        return JudgedAsset(problem="damaged")


def _draw_again(image: Image.Image) -> JudgedAsset:
    """The first picture without metadata, upright, in its own format."""
    kind = str(image.format)
    has_alpha = kind != "JPEG" and image.has_transparency_data
    # The orientation is in the metadata, which is removed with the place where a photograph was
    # taken.
    upright = ImageOps.exif_transpose(image.convert("RGBA" if has_alpha else "RGB"))
    # A new image, because a saved copy would keep chunks of the original.
    canvas = Image.new(upright.mode, upright.size)
    canvas.paste(upright)
    output = io.BytesIO()
    if kind == "JPEG":
        canvas.save(output, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    elif kind == "WEBP":
        canvas.save(output, "WEBP", quality=QUALITY, method=3)
    else:
        canvas.save(output, "PNG", compress_level=6)
    return JudgedAsset(
        IMAGE_TYPES[kind], output.getvalue().hex(), width=canvas.width, height=canvas.height
    )


def is_text(data: bytes) -> bool:
    """Whether a file is UTF-8 without control characters but tabs and line ends."""
    try:
        # Windows editors write a byte order mark, which is no control character of the text.
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    controls = {letter for letter in set(text) if letter < " " or letter == "\x7f"}
    return bool(text) and controls <= set("\t\n\f\r")
