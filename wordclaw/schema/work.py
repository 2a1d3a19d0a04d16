"""How often a validator would look at a value, counted before it begins.

Conditions multiply: if two branches lead into the same part, a document of sixteen levels makes a
validator visit 2^16 parts, and each visit that fails keeps an error with the value in it. A
validator runs in native code, which nothing can stop. So each value is counted with the number of
times that each schema is applied to it.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from wordclaw.schema import pointers
from wordclaw.schema.cost import applied_in_place
from wordclaw.schema.patterns import pattern_states

MAX_VISITS = 300_000
"""A document of usual size has some hundred; the largest with a simple schema about 60,000."""
# Characters that take about as long as one visit, and places of a pattern times characters.
_TEXT_PER_VISIT = 64
_PLACES_PER_VISIT = 200
_TEXT_KEYWORDS = frozenset({"pattern", "format"})
_CONSTANTS = ("enum", "const")

Applied = dict[int, tuple[Any, int]]
"""Schemas by identity, each with how often it is applied to a value."""


def count_visits(root: dict[str, Any], document: Any) -> int:
    """Returns at least the visits of a validator; counting ends above `MAX_VISITS`.

    The schema has passed `require_affordable`.
    """
    counter = _VisitCounter(root)
    stack: list[tuple[Any, Applied]] = [(document, {id(root): (root, 1)})]
    # It ends at the limit, so that counting is never slower than what it protects from.
    while stack and counter.visits <= MAX_VISITS:
        # No recursion, because documents may be as deep as their limit allows.
        value, schemas = stack.pop()
        stack.extend(counter.visit(value, schemas))
    return counter.visits


@dataclass
class _VisitCounter:
    root: dict[str, Any]
    visits: int = 0
    _expansions: dict[int, Applied] = field(default_factory=dict)
    _constant_costs: dict[int, int] = field(default_factory=dict)
    _pattern_states: dict[str, int] = field(default_factory=dict)

    def visit(self, value: Any, applied_schemas: Applied) -> Iterator[tuple[Any, Applied]]:
        """Counts a value, and returns its parts with what is applied to them."""
        all_schemas: Applied = {}
        # Counts are multiplied and not walked, or this would be as slow as the validator.
        for part, count in applied_schemas.values():
            for inner, times in self._expand(part).values():
                _add(all_schemas, inner, count * times)
        parts: dict[Any, Applied] = {}
        names: Applied = {}
        for part, count in all_schemas.values():
            self.visits += count * self._cost(part, value)
            if self.visits > MAX_VISITS:
                break
            for key, schema in _inner_schemas(part, value):
                if isinstance(schema, dict):
                    _add(parts.setdefault(key, {}), schema, count)
            if isinstance(value, dict) and isinstance(part.get("propertyNames"), dict):
                _add(names, part["propertyNames"], count)
        inner_values = ((value[key], schemas) for key, schemas in parts.items())
        return chain(inner_values, ((key, names) for key in value) if names else ())

    def _expand(self, part: dict[str, Any]) -> Applied:
        """Returns all schemas that apply to the value to which this one does."""
        key = id(part)
        # Once for each schema: the same one applies to many values.
        if key not in self._expansions:
            expansion: Applied = {key: (part, 1)}
            for child in applied_in_place(part):
                schema = pointers.look_up(self.root, child[1:]) if isinstance(child, str) else child
                if isinstance(schema, dict):
                    for inner, times in self._expand(schema).values():
                        _add(expansion, inner, times)
            self._expansions[key] = expansion
        return self._expansions[key]

    def _cost(self, part: dict[str, Any], value: Any) -> int:
        cost = 1 + sum(self._constant_cost(part[name]) for name in _CONSTANTS if name in part)
        if isinstance(value, str):
            cost += len(value) // _TEXT_PER_VISIT if _TEXT_KEYWORDS & part.keys() else 0
            return cost + (self._pattern_cost(part["pattern"], value) if "pattern" in part else 0)
        if isinstance(value, dict):
            patterns = part.get("patternProperties") or ()
            cost += sum(self._pattern_cost(pattern, key) for pattern in patterns for key in value)
            return cost + len(part.get("required") or ()) + len(value) * (1 + len(patterns))
        return cost + (len(value) if isinstance(value, list) else 0)

    def _pattern_cost(self, pattern: str, text: str) -> int:
        if pattern not in self._pattern_states:
            self._pattern_states[pattern] = pattern_states(pattern)
        return len(text) * self._pattern_states[pattern] // _PLACES_PER_VISIT

    def _constant_cost(self, constant: Any) -> int:
        key = id(constant)
        if key not in self._constant_costs:
            # A list of allowed values is compared whole with each value.
            self._constant_costs[key] = len(json.dumps(constant)) // _TEXT_PER_VISIT
        return self._constant_costs[key]


def _add(schemas: Applied, part: Any, count: int) -> None:
    _, former_count = schemas.get(id(part), (part, 0))
    schemas[id(part)] = part, former_count + count


def _inner_schemas(part: dict[str, Any], value: Any) -> Iterable[tuple[Any, Any]]:
    """Yields the schemas for the parts of a value, and also some that may not apply."""
    if isinstance(value, dict):
        properties = part.get("properties") or {}
        by_pattern = list((part.get("patternProperties") or {}).values())
        remaining_schemas = [part.get("additionalProperties"), part.get("unevaluatedProperties")]
        for key in value if properties or by_pattern or any(remaining_schemas) else ():
            if key in properties:
                yield key, properties[key]
            yield from ((key, schema) for schema in (*by_pattern, *remaining_schemas))
    elif isinstance(value, list):
        prefix = part.get("prefixItems") or []
        remaining_schemas = [part.get(name) for name in ("items", "contains", "unevaluatedItems")]
        for index in range(len(value)) if prefix or any(remaining_schemas) else ():
            if index < len(prefix):
                yield index, prefix[index]
            yield from ((index, schema) for schema in remaining_schemas)
