"""Types of TypeScript, and a validator of Zod."""

import json
from typing import Any

from wordclaw.schema.artifacts.reading import (
    comment_of,
    definition_pointers,
    require_known_keywords,
    type_names,
    types_of,
)

RESERVED = frozenset({"Array", "Date", "Record", "Schema"})
SIMPLE_TYPES = {
    "string": "string",
    "boolean": "boolean",
    "null": "null",
    "number": "number",
    "integer": "number",
}


def print_typescript(schema: dict[str, Any], title: str) -> str:
    """Return the types of a schema's documents. Raises SchemaError."""
    require_known_keywords(schema)
    return _TypeScript(schema, title).print_all()


def print_zod(schema: dict[str, Any], title: str) -> str:
    """Return the types, and a validator for Zod 4.6 or later. Raises SchemaError.

    Zod reads JSON Schema itself, so the validator is the schema.
    """
    require_known_keywords(schema)
    printer = _TypeScript(schema, title)
    name = printer.names["#"]
    return (
        'import { z } from "zod";\n\n'
        f"{printer.print_all()}\n"
        f"const schema = {literal(schema)} as const;\n"
        f"export const {name}Schema = z.fromJSONSchema(\n"
        "  schema as never,\n"
        f") as unknown as z.ZodType<{name}>;\n"
    )


def literal(value: Any) -> str:
    """Return a JSON value as a literal that cannot end its script or line."""
    text = json.dumps(value, ensure_ascii=True)
    # Generated code may be pasted into a page, where a text could end its script element.
    return text.replace("</", "<\\/")


class _TypeScript:
    def __init__(self, schema: dict[str, Any], title: str) -> None:
        self.schema = schema
        self.names = type_names(schema, title, RESERVED)

    def print_all(self) -> str:
        blocks = [
            f"{_comment(part, 0)}export type {self.names[reference]} = {self.print(part, 0)};\n"
            for reference, part in definition_pointers(self.schema).items()
        ]
        return "\n".join(blocks)

    def print(self, part: Any, level: int) -> str:
        """Return the type of a schema; ``level`` is the depth of its braces."""
        if part is True or part == {}:
            return "unknown"
        if part is False:
            return "never"
        if "$ref" in part:
            return self.names[part["$ref"]]
        if "const" in part:
            return literal(part["const"])
        if "enum" in part:
            return " | ".join(literal(value) for value in part["enum"]) or "never"
        for keyword, operator in (("oneOf", " | "), ("anyOf", " | "), ("allOf", " & ")):
            if keyword in part:
                return self._combined(part, keyword, operator, level)
        kinds = [self._simple(kind, part, level) for kind in types_of(part)]
        return " | ".join(dict.fromkeys(kinds)) or "unknown"

    def _combined(self, part: dict[str, Any], keyword: str, operator: str, level: int) -> str:
        branches = operator.join(f"({self.print(branch, level)})" for branch in part[keyword])
        other_keywords = {name: value for name, value in part.items() if name != keyword}
        if not types_of(other_keywords) or (
            other_keywords.get("type") == "object" and "properties" not in other_keywords
        ):
            return branches
        return f"({branches}) & ({self.print(other_keywords, level)})"

    def _simple(self, kind: str, part: dict[str, Any], level: int) -> str:
        if kind in SIMPLE_TYPES:
            return SIMPLE_TYPES[kind]
        return self._array(part, level) if kind == "array" else self._object(part, level)

    def _array(self, part: dict[str, Any], level: int) -> str:
        items = part.get("items", True)
        first = part.get("prefixItems")
        if not first:
            return f"Array<{self.print(items, level)}>"
        # Entries after these may be absent, because prefixItems alone requires none.
        least = part.get("minItems", 0)
        entries = [
            f"{self.print(entry, level)}{'' if index < least else '?'}"
            for index, entry in enumerate(first)
        ]
        if items is not False:
            entries.append(f"...Array<{self.print(items, level)}>")
        return f"[{', '.join(entries)}]"

    def _object(self, part: dict[str, Any], level: int) -> str:
        required_names = set(part.get("required") or ())
        properties = part.get("properties") or {}
        indent = "  " * (level + 1)
        lines = []
        for name, child in properties.items():
            mark = "" if name in required_names else "?"
            lines.append(
                f"{_comment(child, level + 1)}{indent}{literal(name)}{mark}:"
                f" {self.print(child, level + 1)};\n"
            )
        other_values = part.get("additionalProperties", True)
        if other_values is not False:
            # A narrower type would contradict the named properties.
            value = "unknown" if properties else self.print(other_values, level + 1)
            lines.append(f"{indent}[key: string]: {value};\n")
        # `{}` would accept every value in TypeScript, numbers and texts included.
        if not lines:
            return "Record<string, never>"
        return "{\n" + "".join(lines) + "  " * level + "}"


def _comment(part: Any, level: int) -> str:
    # A description of a stranger must not end its comment and become code.
    text = comment_of(part).replace("*/", "*\\/").replace("</", "<\\/")
    return f"{'  ' * level}/** {text} */\n" if text else ""
