"""How much work a schema can cause, with its references followed.

References that fan out (``allOf`` of two references, sixteen levels deep) make a validator visit
2^16 schemas for one value. The work is counted here before the validator sees the schema.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from wordclaw.schema import pointers
from wordclaw.schema.errors import SchemaError

MAX_STEPS = 4_000
"""Schemas that may apply to one value."""
# The counter and the validator recurse once for each reference.
MAX_DEPTH = 64
MAX_PATTERNS = 200
# Inside of a schema they would change where its references lead.
_FORBIDDEN = ("$id", "$anchor", "$dynamicAnchor", "$recursiveAnchor", "$recursiveRef", "$schema")
REFERENCES = frozenset({"$ref", "$dynamicRef"})
# Keywords whose schemas apply to the same value.
IN_PLACE_LISTS = frozenset({"allOf", "anyOf", "oneOf"})
IN_PLACE_MAPS = frozenset({"dependentSchemas"})
IN_PLACE = frozenset({"not", "if", "then", "else"})
# Keywords whose schemas apply to a part of the value, or that only define schemas.
MAPS = frozenset({"properties", "patternProperties", "$defs", "definitions", "dependentSchemas"})
LISTS = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
SINGLE = frozenset(
    {
        *("items", "contains", "additionalProperties", "propertyNames", "not", "if", "then"),
        *("else", "unevaluatedItems", "unevaluatedProperties", "contentSchema"),
    }
)


def require_affordable(schema: dict[str, Any]) -> None:
    """Raise SchemaError if a schema is too costly or circular.

    Also if it refers to another document.
    """
    parts = list(subschemas(schema))
    counter = _StepCounter(schema, {id(part) for _, part in parts})
    for pointer, part in parts:
        if keyword := next(
            (name for name in _FORBIDDEN if part is not schema and name in part), ""
        ):
            raise SchemaError(
                f"{keyword} is not supported: it changes where references lead.",
                f"{pointer}/{pointers.escape(keyword)}",
            )
        try:
            counter.count(part, 0)
        except SchemaError as error:
            # The counter knows no places, so the schema at which the counting began is named.
            raise SchemaError(error.message, error.pointer or pointer) from error


def require_few_patterns(parts: Iterable[dict[str, Any]]) -> None:
    """Raise SchemaError for more than `MAX_PATTERNS`: each becomes an automaton."""
    count = 0
    for part in parts:
        names = part.get("patternProperties")
        count += ("pattern" in part) + (len(names) if isinstance(names, dict) else 0)
    if count > MAX_PATTERNS:
        raise SchemaError(f"There are more than {MAX_PATTERNS} patterns.")


def applied_in_place(part: dict[str, Any]) -> Iterator[Any]:
    """Yields what applies to the same value: schemas, and references as written."""
    for keyword, value in part.items():
        if keyword in REFERENCES:
            yield value if isinstance(value, str) else repr(value)
        elif keyword in IN_PLACE:
            yield value
        elif keyword in IN_PLACE_LISTS and isinstance(value, list):
            yield from value
        elif keyword in IN_PLACE_MAPS and isinstance(value, dict):
            yield from value.values()


def subschemas(schema: Any, pointer: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every schema inside a schema with its pointer, the schema itself first."""
    # No recursion, because the depth is the stranger's.
    stack = [(pointer, schema)]
    while stack:
        place, part = stack.pop()
        if not isinstance(part, dict):
            continue
        yield place, part
        stack.extend(_children(place, part))


def _children(place: str, part: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for keyword, value in part.items():
        here = f"{place}/{pointers.escape(keyword)}"
        if keyword in MAPS and isinstance(value, dict):
            for name, child in value.items():
                yield f"{here}/{pointers.escape(name)}", child
        elif keyword in LISTS and isinstance(value, list):
            for index, child in enumerate(value):
                yield f"{here}/{index}", child
        elif keyword in SINGLE:
            yield here, value


class _StepCounter:
    def __init__(self, root: dict[str, Any], known_parts: set[int]) -> None:
        self.root = root
        self.known_parts = known_parts
        self.steps: dict[int, int] = {}
        self.active: set[int] = set()

    def count(self, part: Any, depth: int) -> int:
        """Return how many schemas apply to one value that this schema applies to."""
        if not isinstance(part, dict):
            return 1
        key = id(part)
        # Counted once for each schema: without this the counting itself would take 2^16 steps.
        if key in self.steps:
            return self.steps[key]
        if key in self.active:
            raise SchemaError("A reference leads back to itself without entering a part.")
        if depth > MAX_DEPTH:
            raise SchemaError(f"More than {MAX_DEPTH} references or conditions are nested.")
        self.active.add(key)
        total = 1
        for child in applied_in_place(part):
            target = self._target(child) if isinstance(child, str) else child
            total += self.count(target, depth + 1)
            # Inside the loop, so that counting ends as soon as the answer is known.
            if total > MAX_STEPS:
                raise SchemaError(f"More than {MAX_STEPS:,} schemas would apply to one value.")
        self.active.discard(key)
        self.steps[key] = total
        return total

    def _target(self, reference: Any) -> Any:
        # Names and addresses of other documents are refused: only pointers can be followed and
        # counted here.
        if not isinstance(reference, str) or not (reference == "#" or reference.startswith("#/")):
            raise SchemaError(f"The reference {reference!r} leaves the schema.")
        try:
            target = pointers.look_up(self.root, reference[1:])
        except (KeyError, IndexError, ValueError):
            raise SchemaError(f"The reference {reference!r} leads nowhere.") from None
        # What a keyword of no standard has in it was not looked at.
        if isinstance(target, dict) and id(target) not in self.known_parts:
            raise SchemaError(f"The reference {reference!r} leads to no schema.")
        return target
