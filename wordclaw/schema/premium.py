"""Fields that are marked ``premium``, and documents without them.

A field is hidden if any schema that could apply to it has the mark, also one of a branch that the
value does not fit: it is better to hide too much.
"""

from collections.abc import Iterator
from typing import Any

from wordclaw.schema import pointers
from wordclaw.schema.cost import REFERENCES
from wordclaw.schema.extensions import LOCALIZED, PREMIUM

IN_PLACE_LISTS = ("allOf", "anyOf", "oneOf")
IN_PLACE = ("if", "then", "else", "not")
PART_MAPS = ("properties", "patternProperties")
PARTS = (
    *("additionalProperties", "unevaluatedProperties", "items", "contains", "unevaluatedItems"),
    "propertyNames",
)
_HIDDEN = object()


def visible_data(schema: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    """Return what readers without a right see of a document.

    That is all without the marked fields, and nothing if no field is marked.
    """
    if not _leads_to_mark(schema, [schema]):
        return {}
    result = _show(schema, [schema], document)
    return result if isinstance(result, dict) else {}


def hidden_names(schema: dict[str, Any]) -> frozenset[str] | None:
    """Return the properties at the top that are hidden in part; None: all."""
    schemas = list(_in_place(schema, [schema]))
    if not _leads_to_mark(schema, [schema]) or any(_has_mark(part) for part in schemas):
        return None
    # A mark behind a pattern could be that of any property.
    other_parts = [part.get(keyword) for part in schemas for keyword in PARTS]
    patterns = [entry for part in schemas for entry in _values(part.get("patternProperties"))]
    if _leads_to_mark(schema, [*other_parts, *patterns]):
        return None
    return frozenset(
        name
        for part in schemas
        for name, child in (part.get("properties") or {}).items()
        if _leads_to_mark(schema, [child])
    )


def _has_mark(part: dict[str, Any]) -> bool:
    return part.get(PREMIUM) is True


def _values(value: Any) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else []


def _in_place(root: dict[str, Any], parts: list[Any]) -> Iterator[dict[str, Any]]:
    """Yield the schemas that could apply to the same value, each once."""
    stack, seen_ids = list(parts), set()
    while stack:
        part = stack.pop()
        if not isinstance(part, dict) or id(part) in seen_ids:
            continue
        seen_ids.add(id(part))
        yield part
        for keyword in REFERENCES:
            reference = part.get(keyword)
            if isinstance(reference, str):
                stack.append(pointers.look_up(root, reference[1:]))
        for keyword in IN_PLACE_LISTS:
            stack.extend(part.get(keyword) or ())
        stack.extend(part.get(keyword) for keyword in IN_PLACE)
        stack.extend(_values(part.get("dependentSchemas")))


def _leads_to_mark(root: dict[str, Any], parts: list[Any]) -> bool:
    """Whether a schema, or one of a part of its values, is marked."""
    stack, seen_ids = list(parts), set()
    while stack:
        for part in _in_place(root, [stack.pop()]):
            if id(part) in seen_ids:
                continue
            seen_ids.add(id(part))
            if _has_mark(part):
                return True
            stack.extend(entry for name in PART_MAPS for entry in _values(part.get(name)))
            stack.extend(part.get(name) for name in PARTS)
            stack.extend(part.get("prefixItems") or ())
    return False


def _show(root: dict[str, Any], parts: list[Any], value: Any) -> Any:
    # The depth is bounded by that of documents.
    schemas = list(_in_place(root, parts))
    if any(_has_mark(part) for part in schemas):
        return _HIDDEN
    if isinstance(value, dict):
        return _show_object(root, schemas, value)
    if isinstance(value, list):
        entries = [
            _show(root, _schemas_of_entry(schemas, index), entry)
            for index, entry in enumerate(value)
        ]
        return [entry for entry in entries if entry is not _HIDDEN]
    return value


def _show_object(
    root: dict[str, Any], schemas: list[dict[str, Any]], value: dict[str, Any]
) -> dict[str, Any]:
    localized_ones = [part for part in schemas if part.get(LOCALIZED) is True]
    # Without the mark, the schema is that of the value in one language.
    inner = [{key: v for key, v in part.items() if key != LOCALIZED} for part in localized_ones]
    visible_values = {}
    for name, child in value.items():
        if not inner and not _is_declared(schemas, name):
            continue
        child_parts = inner if inner else list(_schemas_of_property(schemas, name))
        result = _show(root, child_parts, child)
        if result is not _HIDDEN:
            visible_values[name] = result
    return visible_values


def _is_declared(schemas: list[dict[str, Any]], name: str) -> bool:
    """Whether a schema speaks of a property, or none lists properties at all.

    A property that was renamed in the schema stays in old documents under its old name, where the
    mark of the new one does not reach it.
    """
    if not any(part.get("properties") for part in schemas):
        return True
    return any(
        name in (part.get("properties") or {})
        or isinstance(part.get("additionalProperties"), dict)
        or isinstance(part.get("unevaluatedProperties"), dict)
        or part.get("patternProperties")
        for part in schemas
    )


def _schemas_of_property(schemas: list[dict[str, Any]], name: str) -> Iterator[Any]:
    for part in schemas:
        properties = part.get("properties") or {}
        if name in properties:
            yield properties[name]
        else:
            yield part.get("additionalProperties")
            yield part.get("unevaluatedProperties")
        yield from _values(part.get("patternProperties"))


def _schemas_of_entry(schemas: list[dict[str, Any]], index: int) -> list[Any]:
    parts = []
    for part in schemas:
        first = part.get("prefixItems") or []
        parts.append(first[index] if index < len(first) else part.get("items"))
        parts += [part.get("contains"), part.get("unevaluatedItems")]
    return parts
