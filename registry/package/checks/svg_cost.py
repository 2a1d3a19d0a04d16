"""Counts the work of a browser that draws an SVG, without drawing it.

A file of a kilobyte with nested `use` elements draws a billion shapes in each browser that shows a
list. So each element counts with everything that it refers to.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from foundation.text.expressions import compile_text
from registry.package.checks.svg_lengths import (
    MAX_MEASURED_CHARACTERS,
    dash_periods,
    read_numbers,
    shape_length,
)
from registry.package.limits import PackageLimits

_REFERENCE = compile_text(r"url\(\s*[\"']?#([^\"')\s]*)")
_MARKERS = ("marker", "marker-start", "marker-mid", "marker-end")
# Parts of a vertex: a marker is drawn at each vertex of a path.
_CHARACTERS_PER_VERTEX = 4
_FREE = ("stop", "lineargradient", "radialgradient", "title", "desc", "metadata")
# Numbers of filter primitives by which the work for each pixel grows.
_FILTER_NUMBERS = {"numoctaves": 10.0, "order": 20.0, "radius": 200.0, "stddeviation": 5_000.0}
# A filter draws this much around its element, which is 1; percents are compared as fractions.
_FILTER_REGION = 10.0
# What costs a browser as much as one small shape.
_CHARACTERS_PER_ELEMENT = {"path": 200, "text": 10}
_DASHES_PER_ELEMENT = 20
# A layer of the whole picture, and a pass over it.
_ELEMENTS_PER_LAYER = 20
_LAYERS = ("mask", "filter", "mix-blend-mode")
_NO_TEXT = ("title", "desc", "metadata", "style", "")
_MIN_PERIOD = 1e-9
# Of the element, or in units of the drawing: icons of one unit have patterns of a tenth.
_MIN_PATTERN_SIDE = 0.001
_NO_PRIMITIVES = ("femergenode", "fefunc", "fedistantlight", "fepointlight", "fespotlight")


@dataclass(slots=True)
class DrawnPart:
    """An element: its own cost, its children, and what it refers to with how often."""

    cost: int
    element: str = ""
    length: float = 0.0
    """At least the length of the stroke of a shape."""
    characters: int = 0
    children: list["DrawnPart"] = field(default_factory=list)
    targets: list[tuple[str, int]] = field(default_factory=list)
    total: int = -1
    """Cost with everything below and behind it; -1 before it is known."""
    is_open: bool = False


class DrawingCost:
    """Collects the elements of one SVG. `fault` is the first limit that it exceeds."""

    def __init__(self, limits: PackageLimits, *, has_dashes: bool = True) -> None:
        self.fault = ""
        self._has_dashes = has_dashes
        self._limits = limits
        self._element_count = self._path_characters = self._primitive_count = 0
        self._text_characters = 0
        self._period = math.inf
        self._open: list[DrawnPart] = []
        self._by_id: dict[str, DrawnPart] = {}
        self._root: DrawnPart | None = None

    def start(self, element: str, attributes: Mapping[str, str]) -> None:
        """Counts an element; names are in lower case."""
        path_length = len(attributes.get("d", "")) + len(attributes.get("points", ""))
        is_primitive = element.startswith("fe") and not element.startswith(_NO_PRIMITIVES)
        layers = is_primitive + sum(name in attributes for name in _LAYERS)
        cost = path_length // _CHARACTERS_PER_ELEMENT["path"] + _ELEMENTS_PER_LAYER * layers
        part = DrawnPart((0 if element in _FREE else 1) + cost, element)
        if self._has_dashes:
            is_measured = self._path_characters + path_length <= MAX_MEASURED_CHARACTERS
            part.length = shape_length(element, attributes) if is_measured else math.inf
            self.add_periods(dash_periods(element, attributes))
        if self._open:
            self._open[-1].children.append(part)
        self._root = self._root or part
        self._open.append(part)
        # Browsers take the first element with an id.
        self._by_id.setdefault(attributes.get("id", ""), part)
        for name, value in attributes.items():
            times = 1 + path_length // _CHARACTERS_PER_VERTEX if name in _MARKERS else 1
            if name == "href" and value.strip().startswith("#"):
                part.targets.append((value.strip()[1:], 1))
            elif "url(" in value:
                part.targets += [(match[1], times) for match in _REFERENCE.finditer(value)]
        self._element_count += 1
        self._path_characters += path_length
        self._primitive_count += is_primitive
        self._check_counts()
        if _is_costly_filter(element, attributes):
            self.fault = self.fault or "has a filter that takes too long to draw"
        if element == "pattern" and _is_tiny_pattern(attributes):
            self.fault = self.fault or "has a pattern with parts that are too small"

    def add_text(self, characters: int) -> None:
        """Counts characters inside of the open element."""
        if self._open and self._open[-1].element not in _NO_TEXT:
            self._open[-1].characters += characters
            self._text_characters += characters
            self._check_counts()

    def add_periods(self, periods: Iterable[float]) -> None:
        """Counts dash patterns.

        Any of them may belong to any shape, because strokes are inherited.
        """
        self._period = min(self._period, *periods, math.inf)

    def end(self) -> None:
        part = self._open.pop()
        part.cost += part.characters // _CHARACTERS_PER_ELEMENT["text"]

    def _check_counts(self) -> None:
        limits = self._limits
        for count, limit, noun in (
            (self._element_count, limits.svg_elements, "elements"),
            (len(self._open), limits.svg_depth, "levels of elements"),
            (self._path_characters, limits.svg_path_characters, "characters in its paths"),
            (self._primitive_count, limits.svg_filters, "filter primitives"),
            (self._text_characters, limits.svg_text_characters, "characters of text"),
        ):
            if count > limit and not self.fault:
                self.fault = f"has more than {limit:,} {noun}"

    def finish(self) -> None:
        """Adds up what is drawn. Each element is visited once, without recursion."""
        limit = self._limits.svg_drawn_elements
        stack = [self._root] if self._root and not self.fault else []
        while stack and not self.fault:
            part = stack[-1]
            drawn_parts = [(child, 1) for child in part.children]
            drawn_parts += [
                (self._by_id[name], n) for name, n in part.targets if name in self._by_id
            ]
            unmeasured_parts = [drawn_part for drawn_part, _ in drawn_parts if drawn_part.total < 0]
            if not part.is_open:
                part.is_open = True
                stack += unmeasured_parts
                continue
            stack.pop()
            if part.total >= 0:
                continue
            if any(drawn_part.is_open and drawn_part.total < 0 for drawn_part in unmeasured_parts):
                self.fault = "has an element that refers to itself"
            part.total = part.cost + self._count_dashes(part.length) // _DASHES_PER_ELEMENT
            if part.total > limit:
                self.fault = "has too many dashes on its lines"
            part.total += sum(drawn_part.total * times for drawn_part, times in drawn_parts)
            if part.total > limit:
                self.fault = self.fault or (
                    f"draws more than {limit:,} elements with those that it repeats"
                )

    def _count_dashes(self, length: float) -> int:
        if math.isinf(self._period):
            return 0
        return int(min(length / max(self._period, _MIN_PERIOD), 1e9))


def _is_costly_filter(element: str, attributes: Mapping[str, str]) -> bool:
    if element == "filter":
        return any(_is_large_region(attributes.get(name, "")) for name in ("width", "height"))
    return element.startswith("fe") and any(
        number > limit
        for name, limit in _FILTER_NUMBERS.items()
        for number in read_numbers(attributes.get(name, ""))
    )


def _is_large_region(value: str) -> bool:
    """Whether a filter draws much more than its element."""
    numbers = read_numbers(value)
    is_percent = value.strip().endswith("%")
    limit = _FILTER_REGION * (100 if is_percent else 1_000)
    return bool(numbers) and numbers[0] > limit


def _is_tiny_pattern(attributes: Mapping[str, str]) -> bool:
    """Whether a pattern repeats so often that its parts cannot be seen."""
    sides = [numbers[0] for name in ("width", "height") if (numbers := _numbers(attributes, name))]
    return any(0 < side < _MIN_PATTERN_SIDE for side in sides)


def _numbers(attributes: Mapping[str, str], name: str) -> list[float]:
    return read_numbers(attributes.get(name, ""))
