"""Draw an identicon as pixels, in the colours of the light theme."""

from math import cos, pi, sin

from PIL import Image, ImageDraw
from svg.path import parse_path

from registry.embeds.identicon import make_identicon

# The units of the identicon's view box.
BOX, CORNER, FINE, BOLD = 32, 7, 2.2, 4.4
# Drawn larger and scaled down: Pillow's lines have no smooth edges.
OVERSAMPLING = 4
POINTS_PER_SEGMENT = 24

Color = tuple[int, int, int]


def draw_identicon(full_id: str, size: int, paper: Color) -> Image.Image:
    """A square of ``size`` pixels; ``paper`` shows at its round corners."""
    identicon, scale = make_identicon(full_id), size * OVERSAMPLING / BOX
    ground = rgb(0.49, 0.085, identicon.hue * 30)
    stroke = rgb(0.97, 0.03, identicon.hue * 30)
    image = Image.new("RGB", (size * OVERSAMPLING,) * 2, paper)
    pen = ImageDraw.Draw(image)
    edge = size * OVERSAMPLING - 1
    pen.rounded_rectangle((0, 0, edge, edge), CORNER * scale, fill=ground)
    for index, path in enumerate(identicon.strokes):
        width = (BOLD if index == identicon.bold else FINE) * scale
        points = [_turn(point, identicon.turn) * scale for point in stroke_points(path)]
        draw_stroke(pen, points, width, stroke)
    return image.resize((size, size), Image.Resampling.LANCZOS)


def draw_stroke(
    pen: ImageDraw.ImageDraw, points: list[complex], width: float, color: Color
) -> None:
    """A line through the points with round ends and round corners."""
    pen.line([(point.real, point.imag) for point in points], color, round(width))
    for point in points:
        pen.circle((point.real, point.imag), width / 2, fill=color)


def stroke_points(path: str) -> list[complex]:
    """The points of an SVG path of one stroke, its curves in small steps."""
    return [
        segment.point(step / POINTS_PER_SEGMENT)
        for segment in parse_path(path)
        for step in range(POINTS_PER_SEGMENT + 1)
    ]


def _turn(point: complex, degrees: int) -> complex:
    """Turn a point clockwise around the middle of the box."""
    middle = complex(BOX / 2, BOX / 2)
    angle = degrees * pi / 180
    return (point - middle) * complex(cos(angle), sin(angle)) + middle


def rgb(lightness: float, chroma: float, hue: float) -> Color:
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
    level = min(max(linear, 0.0), 1.0)
    encoded_level = 12.92 * level if level <= 0.0031308 else 1.055 * level ** (1 / 2.4) - 0.055
    return round(encoded_level * 255)
