"""Lengths of the shapes of an SVG, and of the dashes on their strokes.

A browser draws each dash by itself: a pattern of 0.0001 on a long line is a million of them.
"""

import math
from collections.abc import Iterator, Mapping

from foundation.text.expressions import compile_text

_COMMAND = compile_text(r"([A-Za-z])([^A-Za-z]*(?:[eE][-+]?[0-9][^A-Za-z]*)*)")
_NUMBER = compile_text(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
# The two flags of an arc need no blanks around them.
_ARC = compile_text(
    rf"({_NUMBER.pattern})[\s,]*({_NUMBER.pattern})[\s,]*{_NUMBER.pattern}[\s,]*[01][\s,]*[01][\s,]*({_NUMBER.pattern})[\s,]*({_NUMBER.pattern})"
)
_DASHES = compile_text(r"stroke-dasharray\s*:\s*([^;}]*)", ignore_case=True)
_ARGUMENTS = {"m": 2, "l": 2, "h": 1, "v": 1, "c": 6, "s": 4, "q": 4, "t": 2}
_ANIMATED_VALUES = ("values", "from", "to", "by")
DASHES = "stroke-dasharray"
# Programs write a dozen numbers, and some hundred patterns.
MAX_PATTERN_CHARACTERS = 1_000
MAX_PATTERNS = 5_000
MAX_MEASURED_CHARACTERS = 500_000
"""Of all paths of an image that has dashes."""

Point = complex


def read_numbers(text: str) -> list[float]:
    return [float(match[0]) for match in _NUMBER.finditer(text)]


def shape_length(element: str, attributes: Mapping[str, str]) -> float:
    """Returns at least the length of a shape's outline, in its own units.

    ``pathLength`` says in which length dashes are counted, so it replaces a shorter one.
    """
    values = {name: _first_number(value) for name, value in attributes.items()}
    width, height = abs(values.get("width", 0.0)), abs(values.get("height", 0.0))
    length = 0.0
    if element == "path":
        length = path_length(attributes.get("d", ""))
    elif element in ("polyline", "polygon"):
        length = path_length(f"M{attributes.get('points', '')}Z")
    elif element == "rect":
        length = 2 * (width + height)
    elif element in ("circle", "ellipse"):
        length = math.tau * max(abs(values.get(name, 0.0)) for name in ("r", "rx", "ry"))
    elif element == "line":
        ends = [complex(values.get(f"x{n}", 0.0), values.get(f"y{n}", 0.0)) for n in (1, 2)]
        length = abs(ends[1] - ends[0])
    if not math.isfinite(length):
        return math.inf
    return max(length, values.get("pathlength", 0.0)) if length else 0.0


def _first_number(value: str) -> float:
    match = _NUMBER.match(value.strip()[:40])
    return float(match[0]) if match else 0.0


def path_length(path: str) -> float:
    """Returns the length of the lines between the control points of a path."""
    pen = _Pen()
    for match in _COMMAND.finditer(path):
        command = match[1]
        if command in "aA":
            for arc in _ARC.finditer(match[2]):
                pen.draw(command, [float(number) for number in arc.groups()])
            continue
        size = _ARGUMENTS.get(command.lower())
        if size is None:
            pen.close()
            continue
        numbers = read_numbers(match[2])
        for start in range(0, len(numbers) - size + 1, size):
            pen.draw(command, numbers[start : start + size])
            # Further points after a move are lines.
            command = {"M": "L", "m": "l"}.get(command, command)
    return pen.length


class _Pen:
    def __init__(self) -> None:
        self.length = 0.0
        self._position = self._start = self._handle = Point(0)

    def close(self) -> None:
        self._go(self._start)

    def draw(self, command: str, numbers: list[float]) -> None:
        kind, origin = command.lower(), self._position if command.islower() else Point(0)
        if kind == "h":
            self._go(Point(origin.real + numbers[0], self._position.imag))
        elif kind == "v":
            self._go(Point(self._position.real, origin.imag + numbers[0]))
        elif kind == "m":
            self._position = self._start = self._handle = origin + Point(*numbers)
        elif kind == "a":
            self._draw_arc(numbers[0], numbers[1], origin + Point(*numbers[2:]))
        else:
            # The first control point of a smooth curve is the mirror of the last one.
            mirror = 2 * self._position - self._handle
            points = [origin + Point(*pair) for pair in zip(*[iter(numbers)] * 2, strict=True)]
            self._go(*([mirror] if kind in "st" else []), *points)

    def _draw_arc(self, x_radius: float, y_radius: float, end: Point) -> None:
        radii, chord = (abs(x_radius), abs(y_radius)), abs(end - self._position)
        if min(radii) > 0:
            # Radii that are too small grow until the arc fits.
            longest_chord = chord * max(radii) / min(radii)
            self.length += math.tau * max(*radii, longest_chord)
        self._go(end)

    def _go(self, *points: Point) -> None:
        for point in points:
            self.length += abs(point - self._position)
            self._handle, self._position = self._position, point


def dash_periods(element: str, attributes: Mapping[str, str]) -> Iterator[float]:
    """Yields the length after which each dash pattern of an element repeats.

    It is 0 if the pattern is computed.
    """
    if DASHES in attributes:
        yield from _periods(attributes[DASHES])
    if "dasharray" in attributes.get("style", "").lower():
        yield from dash_periods_of_css(attributes["style"])
    if element == "animate" and attributes.get("attributename", "").strip().lower() == DASHES:
        for name in _ANIMATED_VALUES:
            for value in attributes.get(name, "").split(";"):
                yield from _periods(value)


def dash_periods_of_css(css: str) -> Iterator[float]:
    """Yields the same of each declaration of a style."""
    for number, match in enumerate(_DASHES.finditer(_without_comments(css))):
        if number == MAX_PATTERNS:
            yield 0.0
            return
        yield from _periods(match[1])


def _without_comments(css: str) -> str:
    start, *parts = css.split("/*")
    # A part without an end is in the comment that began before it.
    return "".join([start, *(part.partition("*/")[2] for part in parts)])


def _periods(value: str) -> Iterator[float]:
    if "(" in value or len(value) > MAX_PATTERN_CHARACTERS:
        yield 0.0
        return
    numbers = read_numbers(value)
    # Zeros alone, and `none`, are a line without gaps.
    if any(numbers):
        yield sum(map(abs, numbers))
