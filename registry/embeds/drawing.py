"""Draw the preview picture: a label with name, tagline and first facts."""

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from io import BytesIO

from django.conf import settings
from PIL import Image, ImageDraw, ImageOps

from registry.embeds.identicon_image import (
    BOX,
    OVERSAMPLING,
    draw_identicon,
    draw_stroke,
    rgb,
    stroke_points,
)
from registry.embeds.typesetting import (
    CJK,
    HAS_RAQM,
    SANS,
    SERIF,
    SERIF_BOLD,
    TextBlock,
    TextStyle,
    is_right_to_left,
    language_of,
    set_text,
)

SIZE = WIDTH, HEIGHT = 1200, 630
MARGIN, GAP, SPACE = 72, 40, 26
BAND, ICON = 84, 144
RULE_TOP, RULE = 484, 8
FACT_WIDTH = 228
RIGHT = WIDTH - MARGIN
# The colours of static/css/tokens.css.
PAPER, INK, SOFT = rgb(0.981, 0.008, 85), rgb(0.23, 0.014, 55), rgb(0.405, 0.016, 60)
HAIRLINE, CLAW = rgb(0.865, 0.013, 80), rgb(0.71, 0.165, 40)
BOLD_FONTS, TEXT_FONTS, FACT_FONTS = (SERIF_BOLD, SANS, CJK), (SERIF, SANS, CJK), (SANS, CJK)
LARGE_NAME, NAME, SMALL_NAME = (
    TextStyle(BOLD_FONTS, size, size * 118 // 100, INK, is_bold=True) for size in (80, 64, 52)
)
# A long name is set smaller and in two lines before it is cut.
NAME_STYLES = ((LARGE_NAME, 1), (NAME, 1), (NAME, 2), (SMALL_NAME, 2))
TAGLINE = TextStyle(TEXT_FONTS, 41, 53, INK)
ID = TextStyle(FACT_FONTS, 32, 42, SOFT)
BAND_NAME = TextStyle(BOLD_FONTS, 38, 46, PAPER, is_bold=True)
BAND_NOTE = TextStyle(FACT_FONTS, 28, 46, HAIRLINE)
FACT_NAME = TextStyle(FACT_FONTS, 28, 38, SOFT)
FACT = TextStyle(BOLD_FONTS, 40, 50, INK, is_bold=True)
MARK_FILE = settings.BASE_DIR / "static/img/mark.svg"
MARK_SIZE, MARK_STROKE = 64, 3.2
# Raised with every change of the drawing, so that stored pictures are drawn again.
EDITION = 4


@dataclass(frozen=True, slots=True)
class PreviewContent:
    """The content of a preview picture.

    ``facts`` are pairs of a name and a value, ``icon`` is the digest of the small icon or blank.
    """

    full_id: str
    name: str
    tagline: str
    release: str
    facts: tuple[tuple[str, str], ...]
    instance: str
    icon: str = ""

    @property
    def digest(self) -> str:
        """SHA-256 of everything that the picture depends on, in hexadecimal digits."""
        dependencies = [EDITION, HAS_RAQM, asdict(self)]
        return hashlib.sha256(json.dumps(dependencies).encode()).hexdigest()


def draw_preview(content: PreviewContent, icon: bytes | None = None) -> bytes:
    """A PNG of 1200 by 630 pixels. ``icon`` is the small icon, a WebP."""
    image = Image.new("RGB", SIZE, PAPER)
    pen = ImageDraw.Draw(image)
    _draw_band(image, pen, content)
    _draw_head(image, pen, content, _open_icon(icon, content.full_id))
    _draw_facts(pen, content)
    output = BytesIO()
    # A palette takes a third of the bytes and of the time; the letters look the same.
    palette = image.quantize(128, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    palette.save(output, "PNG")
    return output.getvalue()


def _draw_band(image: Image.Image, pen: ImageDraw.ImageDraw, content: PreviewContent) -> None:
    """The shop's mark and name on ink, the release at the right."""
    pen.rectangle((0, 0, WIDTH, BAND - 1), fill=INK)
    # The strokes begin 14 pixels inside of the mark's box.
    image.paste(_draw_mark(), (MARGIN - 14, (BAND - MARK_SIZE) // 2))
    release = set_text(content.release, BAND_NOTE, WIDTH / 2)
    release.draw(pen, RIGHT - release.width, (BAND - BAND_NOTE.line_height) / 2, RIGHT)
    left_edge = MARGIN + 50
    width = RIGHT - release.width - GAP - left_edge
    name = set_text(content.instance, BAND_NAME, width)
    name.draw(pen, left_edge, (BAND - BAND_NAME.line_height) / 2, left_edge + name.width)


def _open_icon(icon: bytes | None, full_id: str) -> Image.Image:
    """The icon on paper, at most `ICON` pixels on a side; without one the identicon."""
    if icon is None:
        return draw_identicon(full_id, ICON, PAPER)
    with Image.open(BytesIO(icon), formats=["WEBP"]) as picture:
        square = ImageOps.pad(picture.convert("RGBA"), (ICON, ICON), Image.Resampling.LANCZOS)
    canvas = Image.new("RGBA", (ICON, ICON), PAPER)
    canvas.alpha_composite(square)
    return canvas.convert("RGB")


def _draw_head(
    image: Image.Image, pen: ImageDraw.ImageDraw, content: PreviewContent, icon: Image.Image
) -> None:
    """Icon, name, id and tagline, in the middle between the band and the rule."""
    language = language_of(content.name + content.tagline)
    title_width = RIGHT - MARGIN - ICON - GAP
    name = _set_name(content.name, title_width, language)
    full_id = set_text(content.full_id, ID, title_width, max_lines=2)
    if not name.lines:
        name, full_id = _set_name(content.full_id, title_width), set_text("", ID, 0)
    title_height = name.height + full_id.height
    head_height = max(ICON, title_height)
    room = RULE_TOP - BAND - head_height - 3 * SPACE
    max_lines = min(3, room // TAGLINE.line_height)
    tagline = set_text(
        content.tagline, TAGLINE, RIGHT - MARGIN, max_lines=max_lines, language=language
    )
    tagline_height = tagline.height + SPACE if tagline.lines else 0
    top = BAND + (RULE_TOP - BAND - head_height - tagline_height) // 2

    # A right-to-left name stands at the right edge, with its icon.
    is_rtl = is_right_to_left(content.name) and bool(name.lines)
    left_edge = MARGIN if is_rtl else MARGIN + ICON + GAP
    right = RIGHT - ICON - GAP if is_rtl else RIGHT
    image.paste(icon, (RIGHT - ICON if is_rtl else MARGIN, top))
    title_top = top + (head_height - title_height) // 2
    name.draw(pen, left_edge, title_top, right)
    full_id.draw(
        pen, right - full_id.width if is_rtl else left_edge, title_top + name.height, right
    )
    tagline.draw(pen, MARGIN, top + head_height + SPACE, RIGHT)


def _set_name(name: str, width: float, language: str | None = None) -> TextBlock:
    for style, max_lines in NAME_STYLES:
        block = set_text(name, style, width, max_lines=max_lines, language=language)
        if not block.is_cut:
            break
    return block


def _draw_facts(pen: ImageDraw.ImageDraw, content: PreviewContent) -> None:
    """Facts under the thick rule, in columns; the last one takes what remains."""
    pen.rectangle((MARGIN, RULE_TOP, RIGHT, RULE_TOP + RULE - 1), fill=INK)
    top = RULE_TOP + RULE + 16
    for index, (name, value) in enumerate(content.facts):
        is_last = index == len(content.facts) - 1
        column = MARGIN + index * FACT_WIDTH
        left_edge = column + 24 if index else column
        right = RIGHT if is_last else column + FACT_WIDTH - 16
        if index:
            pen.line((column, top + 6, column, top + 84), HAIRLINE, 2)
        set_text(name, FACT_NAME, right - left_edge).draw(pen, left_edge, top, right)
        set_text(value, FACT, right - left_edge).draw(pen, left_edge, top + 40, right)


def _draw_mark() -> Image.Image:
    """The shop's mark on ink, from the strokes of its SVG file."""
    side = MARK_SIZE * OVERSAMPLING
    scale = side / BOX
    image = Image.new("RGB", (side, side), INK)
    pen = ImageDraw.Draw(image)
    for path in re.findall(r' d="([^"]+)"', MARK_FILE.read_text()):
        points = [point * scale for point in stroke_points(path)]
        draw_stroke(pen, points, MARK_STROKE * scale, CLAW)
    return image.resize((MARK_SIZE, MARK_SIZE), Image.Resampling.LANCZOS)
