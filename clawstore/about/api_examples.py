"""Examples and types in words, made from the schemas of the OpenAPI document."""

import json
from collections.abc import Mapping
from typing import Any

# A schema may refer to itself, and its example would never end.
MAX_DEPTH = 6
FORMATS = {
    "date-time": "2026-01-31T12:00:00Z",
    "date": "2026-01-31",
    "uuid": "0a1b2c3d-0000-4000-8000-000000000000",
    "uri": "https://example.org",
    "binary": "(bytes)",
}
# What a string is, where its name says so.
NAMES = {
    "scope": "ada",
    "name": "coach",
    "login": "ada",
    "id": "@ada/coach",
    "version": "1.0.0",
    "old": "1.0.0",
    "new": "1.1.0",
    "path": "README.md",
    "license": "MIT",
    "asset_id": FORMATS["uuid"],
    "review_id": FORMATS["uuid"],
    "report_id": FORMATS["uuid"],
}
NUMBERS = {"integer": 1, "number": 4.5}

Schema = Mapping[str, Any]


class SchemaReader:
    """Reads the schemas of one OpenAPI document."""

    def __init__(self, components: Schema) -> None:
        self._components = components

    def example(self, schema: Schema, name: str = "", depth: int = 0) -> Any:
        """A value of this schema; a nested object beyond the depth is empty."""
        schema = self._resolve(schema)
        if "enum" in schema:
            return schema["enum"][0]
        kind = schema.get("type")
        if kind == "object" or "properties" in schema:
            properties = schema.get("properties", {}) if depth < MAX_DEPTH else {}
            return {key: self.example(value, key, depth + 1) for key, value in properties.items()}
        if kind == "array":
            return [] if depth >= MAX_DEPTH else [self.example(schema["items"], name, depth + 1)]
        if kind == "boolean":
            return False
        return NUMBERS[kind] if kind in NUMBERS else self._text(schema, name)

    def _text(self, schema: Schema, name: str) -> Any:
        example = FORMATS.get(schema.get("format", "")) or NAMES.get(name)
        return example or schema.get("default") or "…"

    def type_of(self, schema: Schema) -> str:
        """The type in words, such as "list of string" or "integer or null"."""
        if "$ref" in schema:
            return self.type_of(self._resolve(schema))
        for key in ("anyOf", "oneOf"):
            if key in schema:
                return " or ".join(dict.fromkeys(self.type_of(option) for option in schema[key]))
        if "enum" in schema:
            return " | ".join(f'"{value}"' for value in schema["enum"])
        if schema.get("type") == "array":
            return f"list of {self.type_of(schema.get('items', {}))}"
        return str(schema.get("format") or schema.get("type", "any"))

    def fields(self, schema: Schema) -> list[dict[str, Any]]:
        """The fields of an object: name, type, whether it is required, and its default."""
        schema = self._resolve(schema)
        required_names = schema.get("required", ())
        return [
            {
                "name": name,
                "type": self.type_of(value),
                "required": name in required_names,
                "default": shown_default(value),
            }
            for name, value in schema.get("properties", {}).items()
        ]

    def _resolve(self, schema: Schema) -> Schema:
        """The schema behind references; of alternatives the first that is not null."""
        while True:
            if "$ref" in schema:
                schema = self._components[schema["$ref"].rpartition("/")[2]]
                continue
            options = schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf")
            if not options:
                return schema
            schema = next((o for o in options if o.get("type") != "null"), options[0])


def shown_default(schema: Schema) -> str:
    default = schema.get("default")
    # An empty default says no more than that the field is not required.
    return json.dumps(default) if default not in (None, "", [], {}) else ""
