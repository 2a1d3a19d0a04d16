"""Encodes a profile picture again, in the sandbox (ADR 22). Knows no Django."""

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from PIL import Image, ImageOps

SIDE = 128  # Pixels: twice what a page shows, for sharp screens.
MAX_PIXELS = 4096 * 4096
# Pillow reads dozens of formats, many of them with a history of vulnerabilities.
FORMATS = ("PNG", "JPEG", "WEBP", "GIF")


@dataclass(frozen=True, slots=True)
class DrawnPicture:
    """A PNG in base 64, or why there is none."""

    png: str = ""
    problem: str = ""


class PictureTasks:
    def draw_small(self, argument: None, files: Sequence[BinaryIO]) -> DrawnPicture:
        """Returns a square PNG of 128 pixels, encoded again, so no metadata remains."""
        # Pillow raises a dozen kinds of exception on damaged files.
        try:
            with Image.open(files[0], formats=FORMATS) as image:
                if image.width * image.height > MAX_PIXELS:
                    return DrawnPicture(problem=f"It has {image.width} by {image.height} pixels.")
                upright = ImageOps.exif_transpose(image).convert("RGBA")
            # A new image, because a saved copy would keep chunks of the original.
            canvas = Image.new("RGBA", (SIDE, SIDE))
            canvas.paste(ImageOps.fit(upright, (SIDE, SIDE)))
        except Exception:
            return DrawnPicture(problem="The picture is not a valid PNG, JPEG, WebP or GIF.")
        out = io.BytesIO()
        canvas.save(out, "PNG", optimize=True)
        return DrawnPicture(base64.b64encode(out.getvalue()).decode())
