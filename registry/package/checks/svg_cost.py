"""Counts the work of a browser that draws an SVG, without drawing it.

A file of a kilobyte with nested `use` elements draws a billion shapes in each browser that shows a
list. So each element counts with everything that it refers to.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from foundation.text.expressions import compile_text
from registry.package.limits import PackageLimits

_REFERENCE = compile_text(r"url\(\s*[\"']?#([^\"')\s]*)")
_MARKERS = ("marker", "marker-start", "marker-mid", "marker-end")
# Parts of a vertex: a marker is drawn at each vertex of a path.
_CHARACTERS_PER_VERTEX = 4
_FREE = ("stop", "lineargradient", "radialgradient", "title", "desc", "metadata")
# Numbers of filter primitives by which the work for each pixel grows.
_FILTER_NUMBERS = {"numoctaves": 10.0, "order": 20.0, "radius": 200.0}
_NO_PRIMITIVES = ("femergenode", "fefunc", "fedistantlight", "fepointlight", "fespotlight")


@dataclass(slots=True)
class DrawnPart:
    """An element: its own cost, its children, and what it refers to with how often."""

    cost: int
    children: list["DrawnPart"] = field(default_factory=list)
    targets: list[tuple[str, int]] = field(default_factory=list)
    total: int = -1
    """Cost with everything below and behind it; -1 before it is known."""
    is_open: bool = False


class DrawingCost:
    """Collects the elements of one SVG. `fault` is the first limit that it exceeds."""

    def __init__(self, limits: PackageLimits) -> None:
        self.fault = ""
        self._limits = limits
        self._element_count = self._path_characters = self._primitive_count = 0
        self._open: list[DrawnPart] = []
        self._by_id: dict[str, DrawnPart] = {}
        self._root: DrawnPart | None = None

    def start(self, element: str, attributes: Mapping[str, str]) -> None:
        """Counts an element; names are in lower case."""
        path_length = len(attributes.get("d", "")) + len(attributes.get("points", ""))
        part = DrawnPart(cost=0 if element in _FREE else 1)
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
        self._primitive_count += element.startswith("fe") and not element.startswith(_NO_PRIMITIVES)
        self._check_counts()
        if element.startswith("fe") and _is_costly_filter(attributes):
            self.fault = self.fault or "has a filter that takes too long to draw"

    def end(self) -> None:
        self._open.pop()

    def _check_counts(self) -> None:
        limits = self._limits
        for count, limit, noun in (
            (self._element_count, limits.svg_elements, "elements"),
            (len(self._open), limits.svg_depth, "levels of elements"),
            (self._path_characters, limits.svg_path_characters, "characters in its paths"),
            (self._primitive_count, limits.svg_filters, "filter primitives"),
        ):
            if count > limit and not self.fault:
                self.fault = f"has more than {limit:,} {noun}"

    def finish(self) -> None:
        """Adds up what is drawn. Each element is visited once, without recursion."""
        limit = self._limits.svg_drawn_elements
        stack = [self._root] if self._root and not self.fault else []
        while stack and not self.fault:
            part = stack[-1]
            behind = [(child, 1) for child in part.children]
            behind += [(self._by_id[name], n) for name, n in part.targets if name in self._by_id]
            unknown = [other for other, _ in behind if other.total < 0]
            if not part.is_open:
                part.is_open = True
                stack += unknown
                continue
            stack.pop()
            if part.total >= 0:
                continue
            if any(other.is_open and other.total < 0 for other in unknown):
                self.fault = "has an element that refers to itself"
            part.total = part.cost + sum(other.total * times for other, times in behind)
            if part.total > limit:
                self.fault = f"draws more than {limit:,} elements with those that it repeats"


def _is_costly_filter(attributes: Mapping[str, str]) -> bool:
    for name, limit in _FILTER_NUMBERS.items():
        for number in attributes.get(name, "").replace(",", " ").split():
            try:
                if float(number) > limit:
                    return True
            except ValueError:
                continue
    return False
