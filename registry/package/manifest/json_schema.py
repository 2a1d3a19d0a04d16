"""The JSON Schema of agent.json, and its fields as rows for the author's guide.

The schema is made from the model that checks packages. It cannot express every rule of it: a
document that fits the schema may still be refused.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from registry.package.manifest.field_texts import FIELD_TEXTS
from registry.package.manifest.schema import MANIFEST, Manifest

DIALECT = "https://json-schema.org/draft/2020-12/schema"

JsonSchema = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ManifestField:
    """A field of agent.json. `path` has dots, and `[]` behind a list."""

    path: str
    kind: str
    required: bool
    text: str

    @property
    def depth(self) -> int:
        return self.path.count(".")


@cache
def manifest_schema() -> JsonSchema:
    """Returns the schema, draft 2020-12, without `$id`. It must not be changed."""
    schema = Manifest.model_json_schema(by_alias=True)
    definitions = schema.pop("$defs")
    resolved_schema = _resolve(schema, definitions)
    for path, field, _ in _walk(resolved_schema, ""):
        field["description"] = FIELD_TEXTS[path]
    title = f"{MANIFEST}, the manifest of an agent"
    return {"$schema": DIALECT, "title": title, **resolved_schema}


@cache
def list_fields() -> tuple[ManifestField, ...]:
    """Returns all fields, each object before its own."""
    return tuple(
        ManifestField(path, _describe(field), is_required, field["description"])
        for path, field, is_required in _walk(manifest_schema(), "")
    )


def _resolve(node: Any, definitions: JsonSchema) -> Any:
    """Replaces references, and drops titles, defaults and null, which describe Python."""
    if isinstance(node, list):
        return [_resolve(child, definitions) for child in node]
    if not isinstance(node, dict):
        return node
    if reference := node.get("$ref"):
        return _resolve(definitions[reference.rpartition("/")[2]], definitions)
    if choices := node.get("anyOf"):
        return _resolve(
            next(choice for choice in choices if choice.get("type") != "null"), definitions
        )
    resolved_schema: JsonSchema = {}
    for key, value in node.items():
        if key == "properties":
            resolved_schema[key] = {
                name: _resolve(child, definitions) for name, child in value.items()
            }
        elif key not in ("title", "default", "description"):
            resolved_schema[key] = _resolve(value, definitions)
    return resolved_schema


def _walk(schema: JsonSchema, prefix: str) -> Iterator[tuple[str, JsonSchema, bool]]:
    required_names = schema.get("required", ())
    for name, field in schema.get("properties", {}).items():
        path = f"{prefix}{name}"
        yield path, field, name in required_names
        yield from _walk(field, f"{path}.")
        yield from _walk(field.get("items", {}), f"{path}[].")


def _describe(field: JsonSchema) -> str:
    """Returns type and limits: "list, at most 20 entries"."""
    if "const" in field:
        return f"always {field['const']}"
    names = {"array": "list", "string": "text", "boolean": "true or false", "object": "object"}
    parts = [names[field["type"]]]
    if "maxLength" in field:
        parts.append(f"at most {field['maxLength']:,} characters")
    limit = field.get("maxItems", field.get("maxProperties"))
    if limit is not None:
        parts.append(f"at most {limit:,} entries")
    return ", ".join(parts)
