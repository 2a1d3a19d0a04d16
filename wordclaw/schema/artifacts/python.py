"""Models of Pydantic."""

import keyword
from typing import Any

from wordclaw.schema.artifacts.reading import (
    Names,
    ascii_words,
    comment_of,
    definition_pointers,
    require_known_keywords,
    type_names,
    types_of,
)
from wordclaw.schema.errors import SchemaError

RESERVED = frozenset(
    {
        *("Annotated", "Any", "AnyUrl", "AwareDatetime", "BaseModel", "ConfigDict", "Field"),
        *("Literal", "RootModel", "None", "True", "False"),
    }
)
# Names that a model of Pydantic has itself, and types that a field would hide.
TAKEN_FIELDS = frozenset(
    {
        *("copy", "json", "dict", "schema", "construct", "validate", "bool", "str", "int"),
        *("float", "list", "fields"),
    }
)
HEAD = (
    "from __future__ import annotations\n\n"
    "from typing import Annotated, Any, Literal\n\n"
    "from pydantic import AnyUrl, AwareDatetime, BaseModel, ConfigDict, Field, RootModel\n\n\n"
)
FORMATS = {
    "date-time": "Annotated[AwareDatetime, Field(strict=False)]",
    "uri": "Annotated[AnyUrl, Field(strict=False)]",
}
BOUNDS = {
    "string": {"minLength": "min_length", "maxLength": "max_length", "pattern": "pattern"},
    "number": {
        "minimum": "ge",
        "maximum": "le",
        "exclusiveMinimum": "gt",
        "exclusiveMaximum": "lt",
        "multipleOf": "multiple_of",
    },
    "array": {"minItems": "min_length", "maxItems": "max_length"},
    "object": {"minProperties": "min_length", "maxProperties": "max_length"},
}
SIMPLE_TYPES = {"integer": "int", "number": "float", "boolean": "bool", "null": "None"}


def print_python(schema: dict[str, Any], title: str) -> str:
    """Return models of a schema's documents for Pydantic 2. Raises SchemaError."""
    require_known_keywords(schema)
    return _Python(schema, title).print_all()


class _Python:
    def __init__(self, schema: dict[str, Any], title: str) -> None:
        self.schema = schema
        self.names = type_names(schema, title, RESERVED)
        self.inner_names = Names(RESERVED | set(self.names.values()))
        self.models: list[str] = []

    def print_all(self) -> str:
        # The definitions come first, and the document last, as readers expect its class at the end.
        for reference, part in definition_pointers(self.schema).items():
            name = self.names[reference]
            if isinstance(part, dict) and "properties" in part and "object" in types_of(part):
                self._add_model(name, part)
            else:
                self.models.append(
                    # A class and no alias, because a definition may refer to itself.
                    f"class {name}(RootModel[{self.print(part, name)}]):\n    pass\n"
                )
        # Classes may name later ones, which Pydantic finds only after all are defined.
        rebuilds = "".join(f"{name}.model_rebuild()\n" for name in self.names.values())
        return HEAD + "\n\n".join(self.models) + "\n\n" + rebuilds

    def _add_model(self, name: str, part: dict[str, Any]) -> None:
        """Add the class of an object. Classes of its parts come before it."""
        required_names = set(part.get("required") or ())
        # Pydantic would drop unknown keys by default, and an edit would then delete them.
        extra = "forbid" if part.get("additionalProperties") is False else "allow"
        lines = [f"class {name}(BaseModel):\n"]
        if comment := comment_of(part):
            lines.append(f"    {comment!r}\n\n")
        # Strict, because Pydantic reads "5" as a number and the validator does not.
        lines.append(f"    model_config = ConfigDict(extra={extra!r}, strict=True)\n")
        fields = _FieldNames()
        for key, child in (part.get("properties") or {}).items():
            field = fields.make(key)
            kind = self.print(child, f"{name} {key}")
            default = "..." if key in required_names else "None"
            alias = f", alias={key!r}" if field != key else ""
            # An absent value is None; null itself is refused where the schema has no null.
            lines.append(f"    {field}: {kind} = Field({default}{alias})\n")
        self.models.append("".join(lines))

    def print(self, part: Any, hint: str) -> str:
        """Return the type of a schema; ``hint`` names the class of an object."""
        if part is True or part == {}:
            return "Any"
        if part is False:
            raise SchemaError("A schema that accepts nothing has no type in Python.")
        if "$ref" in part:
            return self.names[part["$ref"]]
        if "const" in part or "enum" in part:
            return _literals([part["const"]] if "const" in part else part["enum"])
        if "allOf" in part:
            # Classes with several parents do not check each parent by itself.
            raise SchemaError("allOf has no counterpart in Python.")
        branches = part.get("oneOf") or part.get("anyOf")
        if branches:
            return " | ".join(
                self.print(branch, f"{hint} {index + 1}") for index, branch in enumerate(branches)
            )
        kinds = [self._simple(kind, part, hint) for kind in types_of(part)]
        return " | ".join(dict.fromkeys(kinds)) or "Any"

    def _simple(self, kind: str, part: dict[str, Any], hint: str) -> str:
        if kind == "string":
            special = FORMATS.get(part.get("format", ""))
            return special or _bounded("str", part, BOUNDS["string"])
        if kind in ("integer", "number"):
            return _bounded(SIMPLE_TYPES[kind], part, BOUNDS["number"])
        if kind in SIMPLE_TYPES:
            return SIMPLE_TYPES[kind]
        if kind == "array":
            items = "Any" if part.get("prefixItems") else self.print(part.get("items", True), hint)
            return _bounded(f"list[{items}]", part, BOUNDS["array"])
        if "properties" in part:
            name = self.inner_names.make(hint)
            self._add_model(name, part)
            return name
        other_values = part.get("additionalProperties", True)
        values = "Any" if other_values is False else self.print(other_values, hint)
        return _bounded(f"dict[str, {values}]", part, BOUNDS["object"])


def _bounded(kind: str, part: dict[str, Any], bounds: dict[str, str]) -> str:
    arguments = [f"{name}={part[key]!r}" for key, name in bounds.items() if key in part]
    return f"Annotated[{kind}, Field({', '.join(arguments)})]" if arguments else kind


def _literals(values: list[Any]) -> str:
    # PEP 586 allows nothing else in a Literal.
    if any(isinstance(value, float | list | dict) for value in values):
        raise SchemaError(
            "Only texts, whole numbers, true, false and null can be listed in Python."
        )
    return f"Literal[{', '.join(repr(value) for value in values)}]"


class _FieldNames:
    """Makes names of fields from keys, each once in its model."""

    def __init__(self) -> None:
        self._used_names: set[str] = set()

    def make(self, key: str) -> str:
        field = "_".join(ascii_words(key)) or "field"
        # Pydantic keeps the prefix model_ for itself and warns of fields that begin with it.
        if field[0].isdigit() or field.startswith("model_"):
            field = f"field_{field}"
        while field in self._used_names or field in TAKEN_FIELDS or keyword.iskeyword(field):
            field += "_"
        self._used_names.add(field)
        return field
