"""Values of a document together with the schemas that describe them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from wordclaw.schema import pointers
from wordclaw.schema.errors import SchemaError
from wordclaw.schema.extensions import FIELD_KIND, LOCALIZED

MAX_STEPS = 200_000
"""Pairs of a value and a schema that are visited; a document of usual size has a few hundred."""


@dataclass(frozen=True, slots=True)
class DescribedValue:
    """A value and a schema that applies to it."""

    pointer: str
    value: Any
    schema: dict[str, Any]


def described_values(root: dict[str, Any], document: Any) -> Iterator[DescribedValue]:
    """Yield the values of a document whose schema has a kind of field.

    References and conditions are followed. A branch of ``oneOf`` whose constants contradict the
    value is left out. Raises SchemaError if there are too many combinations.
    """
    stack: list[tuple[str, Any, Any]] = [("", document, root)]
    steps = 0
    while stack:
        place, value, part = stack.pop()
        steps += 1
        # Conditions multiply the pairs, and this walk runs in the web process.
        if steps > MAX_STEPS:
            raise SchemaError("The document has too many combinations of values and conditions.")
        if not isinstance(part, dict):
            continue
        if FIELD_KIND in part:
            yield DescribedValue(place, value, part)
        if part.get(LOCALIZED) and isinstance(value, dict):
            # Without the mark, or the value of one language would be taken for a map.
            inner = {key: entry for key, entry in part.items() if key != LOCALIZED}
            stack.extend(
                (f"{place}/{pointers.escape(locale)}", translation, inner)
                for locale, translation in value.items()
            )
            continue
        stack.extend((place, value, branch) for branch in _branches(root, part, value))
        stack.extend(_parts(place, value, part))


def applied_schemas(root: dict[str, Any], parts: list[Any], value: Any) -> list[dict[str, Any]]:
    """Return the schemas that apply to one value.

    References and conditions are followed.
    """
    schemas = []
    stack = list(parts)
    while stack:
        part = stack.pop()
        if isinstance(part, dict):
            schemas.append(part)
            stack.extend(_branches(root, part, value))
    return schemas


def _branches(root: dict[str, Any], part: dict[str, Any], value: Any) -> Iterator[Any]:
    reference = part.get("$ref")
    if isinstance(reference, str):
        # The cost guard has checked that it leads to a schema.
        yield pointers.look_up(root, reference[1:])
    for keyword in ("allOf", "anyOf", "oneOf"):
        for branch in part.get(keyword) or ():
            if not contradicts(branch, value):
                yield branch


def contradicts(branch: Any, value: Any) -> bool:
    """Whether a constant property of a branch differs from the value's, as in a union."""
    # Only constants are compared: a full check of each branch would repeat the validator's work.
    if not isinstance(branch, dict) or not isinstance(value, dict):
        return False
    for name, schema in (branch.get("properties") or {}).items():
        if isinstance(schema, dict) and "const" in schema and value.get(name) != schema["const"]:
            return True
    return False


def _parts(place: str, value: Any, part: dict[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(value, dict):
        properties, other_schema = part.get("properties") or {}, part.get("additionalProperties")
        for key, child in value.items():
            schema = properties.get(key, other_schema)
            if isinstance(schema, dict):
                yield f"{place}/{pointers.escape(key)}", child, schema
    elif isinstance(value, list):
        first, other_schema = part.get("prefixItems") or [], part.get("items")
        for index, child in enumerate(value):
            schema = first[index] if index < len(first) else other_schema
            if isinstance(schema, dict):
                yield f"{place}/{index}", child, schema
