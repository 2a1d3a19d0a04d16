"""The picture that stands beside a link to an agent elsewhere: drawn once for what it says.

What cannot be written (another script than Latin: `registry.embeds.lettering`) is not drawn: the
id stands for the name, and a tagline is left out.
"""

import hashlib
from dataclasses import astuple, dataclass
from io import BytesIO
from math import cos, pi, sin

from PIL import Image, ImageDraw

from registry.embeds.identicon import seal_of
from registry.embeds.lettering import length, writable, write
from registry.embeds.strokes import polylines_of

SIZE = WIDTH, HEIGHT = 1200, 630
MARGIN, SEAL, GAP = 80, 150, 44
PAPER, INK, SOFT = "#fcf9f4", "#211b17", "#524a43"
# Whoever changes how it looks counts this up: the old pictures are then drawn again.
EDITION = "2"


@dataclass(frozen=True, slots=True)
class Said:
    """What a picture says. ``facts`` is one line."""

    full_id: str
    name: str
    tagline: str
    facts: str
    shop: str

    @property
    def digest(self) -> str:
        """SHA-256 of all that the picture depends on."""
        return hashlib.sha256("\x1f".join((EDITION, *astuple(self))).encode()).hexdigest()


def draw(said: Said) -> bytes:
    """A PNG of 1200 by 630."""
    picture = Image.new("RGB", SIZE, PAPER)
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 0, WIDTH, 22), fill=INK)
    picture.paste(_seal(said.full_id), (MARGIN, 96))
    _head(picture, said)
    _foot(picture, said)
    out = BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()


def _head(picture: Image.Image, said: Said) -> None:
    left = MARGIN + SEAL + GAP
    room = WIDTH - MARGIN - left
    name = writable(said.name) or said.full_id
    top = 88
    for line in wrap(name, 66, room, most=2):
        write(picture, (left, top), line, INK, 66, bold=True)
        top += 78
    if name != said.full_id:
        write(picture, (left, top + 4), wrap(said.full_id, 32, room, most=1)[0], SOFT, 32)
    top = 320
    for line in wrap(writable(said.tagline), 42, WIDTH - 2 * MARGIN, most=3):
        write(picture, (MARGIN, top), line, INK, 42)
        top += 54


def _foot(picture: Image.Image, said: Said) -> None:
    ImageDraw.Draw(picture).rectangle((MARGIN, 500, WIDTH - MARGIN, 508), fill=INK)
    shop = writable(said.shop)
    right = length(shop, 32)
    write(picture, (WIDTH - MARGIN - right, 534), shop, INK, 32, bold=True)
    room = int(WIDTH - 2 * MARGIN - right - GAP)
    for line in wrap(writable(said.facts), 32, room, most=1):
        write(picture, (MARGIN, 534), line, SOFT, 32)


def wrap(text: str, size: int, room: int, *, most: int) -> list[str]:
    """Up to ``most`` lines, none wider than ``room`` pixels; a word that is too long is broken, and
    what is left over ends in three dots."""
    lines: list[str] = []
    rest = " ".join(text.split())
    while rest and len(lines) < most:
        line = _longest_start(rest, size, room)
        lines.append(line)
        rest = rest[len(line) :].lstrip()
    if rest:
        last = lines[-1]
        while last and length(f"{last}...", size) > room:
            last = last[:-1]
        lines[-1] = f"{last.rstrip()}..."
    return lines


def _longest_start(text: str, size: int, room: int) -> str:
    count = len(text)
    while count > 1 and length(text[:count], size) > room:
        count -= 1
    if count == len(text) or text[count] == " ":
        return text[:count].rstrip()
    return text[:count].rpartition(" ")[0] or text[:count]


def _seal(full_id: str) -> Image.Image:
    """The seal as pages show it by day; drawn four times as large, for smooth edges."""
    mark, scale = seal_of(full_id), SEAL * 4 / 32
    whole = Image.new("RGB", (SEAL * 4, SEAL * 4), PAPER)
    pen = ImageDraw.Draw(whole)
    ground, stroke = rgb(0.49, 0.085, mark.hue * 30), rgb(0.97, 0.03, mark.hue * 30)
    pen.rounded_rectangle((0, 0, SEAL * 4 - 1, SEAL * 4 - 1), 7 * scale, fill=ground)
    for place, path in enumerate(mark.strokes):
        width = (4.4 if place == mark.bold else 2.2) * scale
        for line in polylines_of(path):
            points = [_turned(point, mark.turn, scale) for point in line]
            pen.line(points, stroke, round(width))
            half = width / 2
            for x, y in points:
                pen.ellipse((x - half, y - half, x + half, y + half), fill=stroke)
    return whole.resize((SEAL, SEAL), Image.Resampling.LANCZOS)


def _turned(point: tuple[float, float], degrees: int, scale: float) -> tuple[float, float]:
    angle = degrees * pi / 180
    x, y = point[0] - 16, point[1] - 16
    turned = (x * cos(angle) - y * sin(angle), x * sin(angle) + y * cos(angle))
    return ((turned[0] + 16) * scale, (turned[1] + 16) * scale)


def rgb(lightness: float, chroma: float, hue: float) -> tuple[int, int, int]:
    """OKLCH, as the stylesheet writes colours (hue in degrees), in 8 bits of sRGB."""
    a, b = chroma * cos(hue * pi / 180), chroma * sin(hue * pi / 180)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        _eight_bits(4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short),
        _eight_bits(-1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short),
        _eight_bits(-0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short),
    )


def _eight_bits(linear: float) -> int:
    clipped = min(max(linear, 0.0), 1.0)
    curved = 12.92 * clipped if clipped <= 0.0031308 else 1.055 * clipped ** (1 / 2.4) - 0.055
    return round(curved * 255)
