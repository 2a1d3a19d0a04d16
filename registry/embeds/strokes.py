"""The strokes of an identicon as points."""

import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from math import atan2, cos, pi, sin, sqrt

Point = tuple[float, float]
STEPS = 24
TOKENS = re.compile(r"([MLHVhvlcqta])|(-?(?:\d+\.?\d*|\.\d+))")
TAKES = {"M": 2, "L": 2, "H": 1, "V": 1, "h": 1, "v": 1, "l": 2, "c": 6, "q": 4, "t": 2, "a": 7}


def polylines_of(path: str) -> Iterator[list[Point]]:
    """Each stroke as the points of a line, its curves in small steps."""
    line: list[Point] = []
    bend: Point | None = None
    for command, numbers in _commands(path):
        if command == "M":
            if line:
                yield line
            line, bend = [(numbers[0], numbers[1])], None
            continue
        points, bend = _continued(command, numbers, line[-1], bend)
        line += points
    yield line


def _commands(path: str) -> Iterator[tuple[str, list[float]]]:
    command = ""
    numbers: list[float] = []
    for letter, number in TOKENS.findall(path):
        if letter:
            command, numbers = letter, []
            continue
        numbers.append(float(number))
        if len(numbers) == TAKES[command]:
            yield command, numbers
            numbers = []


def _continued(
    command: str, n: list[float], here: Point, bend: Point | None
) -> tuple[list[Point], Point | None]:
    """What one command adds behind ``here``; and the point that bent it, for a ``t`` after it."""
    x, y = here
    straight: dict[str, Callable[[], Point]] = {
        "L": lambda: (n[0], n[1]),
        "H": lambda: (n[0], y),
        "V": lambda: (x, n[0]),
        "h": lambda: (x + n[0], y),
        "v": lambda: (x, y + n[0]),
        "l": lambda: (x + n[0], y + n[1]),
    }
    if command in straight:
        return [straight[command]()], None
    if command == "a":
        return _arc(here, n), None
    if command == "t":
        turn = (2 * x - bend[0], 2 * y - bend[1]) if bend else here
    else:
        turn = (x + n[0], y + n[1])
    end = (x + n[-2], y + n[-1])
    if command == "c":
        return _bezier([here, turn, (x + n[2], y + n[3]), end]), None
    return _bezier([here, turn, end]), turn


def _bezier(controls: list[Point]) -> list[Point]:
    return [_between(controls, step / STEPS) for step in range(1, STEPS + 1)]


def _between(points: list[Point], share: float) -> Point:
    while len(points) > 1:
        points = [
            (a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share)
            for a, b in pairwise(points)
        ]
    return points[0]


def _arc(here: Point, n: list[float]) -> list[Point]:
    """A part of a circle (seals have no ellipses): radius, radius, 0, large, sweep, dx, dy."""
    radius, is_large, sweeps = n[0], n[3], n[4]
    dx, dy = n[5], n[6]
    chord = sqrt(dx * dx + dy * dy)
    away = sqrt(max(radius * radius - chord * chord / 4, 0.0))
    side = 1 if is_large != sweeps else -1
    centre = (
        here[0] + dx / 2 - side * away * dy / chord,
        here[1] + dy / 2 + side * away * dx / chord,
    )
    first = atan2(here[1] - centre[1], here[0] - centre[0])
    last = atan2(here[1] + dy - centre[1], here[0] + dx - centre[0])
    if sweeps and last < first:
        last += 2 * pi
    if not sweeps and last > first:
        last -= 2 * pi
    angles = [first + (last - first) * step / STEPS for step in range(1, STEPS + 1)]
    return [(centre[0] + radius * cos(a), centre[1] + radius * sin(a)) for a in angles]
