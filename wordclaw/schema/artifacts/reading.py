"""Parts of schemas as the printers see them."""

import keyword
from collections.abc import Iterator
from typing import Any

from wordclaw.schema.cost import subschemas
from wordclaw.schema.errors import SchemaError
from wordclaw.schema.pointers import escape

# A keyword that is left out in silence would give code that accepts what the API refuses.
KNOWN_KEYWORDS = frozenset(
    {
        *("$schema", "$id", "$defs", "$ref", "$comment", "title", "description", "default"),
        *("examples", "deprecated", "readOnly", "writeOnly", "type", "enum", "const"),
        *("properties", "required", "additionalProperties", "items", "prefixItems"),
        *("minItems", "maxItems", "uniqueItems", "minLength", "maxLength", "pattern", "format"),
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
        *("oneOf", "anyOf", "allOf", "minProperties", "maxProperties"),
        *("premium", "allowedContentTypeSlugs"),
    }
)
# Names are made of titles, which may be whole sentences.
MAX_NAME_LENGTH = 60


def require_known_keywords(schema: dict[str, Any]) -> None:
    """Raise SchemaError for a keyword that no printer can express."""
    for pointer, part in subschemas(schema):
        for name in part:
            if name not in KNOWN_KEYWORDS and not name.startswith("x-"):
                raise SchemaError(f"The keyword {name} has no counterpart.", pointer)
        reference = part.get("$ref")
        if reference is not None and reference not in definition_pointers(schema):
            raise SchemaError("Only references to the schema and to $defs are known.", pointer)


def definition_pointers(schema: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the schema and its definitions, by reference."""
    definitions = {
        f"#/$defs/{escape(name)}": part for name, part in (schema.get("$defs") or {}).items()
    }
    return {**definitions, "#": schema}


def type_names(
    schema: dict[str, Any], title: str, reserved_names: frozenset[str] = frozenset()
) -> dict[str, str]:
    """Return a unique name for the schema and each definition, by reference."""
    names = Names(reserved_names)
    by_reference = {"#": names.make(title)}
    for name in schema.get("$defs") or {}:
        by_reference[f"#/$defs/{escape(name)}"] = names.make(name)
    return by_reference


class Names:
    """Makes names of types from any text."""

    def __init__(self, reserved_names: frozenset[str] = frozenset()) -> None:
        self._used_names = set(reserved_names)

    def make(self, text: str) -> str:
        name = "".join(word[:1].upper() + word[1:] for word in ascii_words(text))
        name = name[:MAX_NAME_LENGTH] or "Type"
        if name[0].isdigit():
            name = f"T{name}"
        base, number = name, 2
        while name in self._used_names or keyword.iskeyword(name):
            name, number = f"{base}{number}", number + 1
        self._used_names.add(name)
        return name


def ascii_words(text: str) -> Iterator[str]:
    """Yield the runs of ASCII letters and digits in a text."""
    word = ""
    for character in text:
        # Only ASCII, because identifiers of other scripts need a normal form in Python and not in
        # TypeScript.
        if character.isascii() and character.isalnum():
            word += character
        elif word:
            yield word
            word = ""
    if word:
        yield word


def types_of(part: dict[str, Any]) -> list[str]:
    """Return the types of a schema; object if only properties say so; [] for any."""
    declared_types = part.get("type")
    if isinstance(declared_types, list):
        return declared_types
    if declared_types is not None:
        return [declared_types]
    return ["object"] if "properties" in part else []


def comment_of(part: Any) -> str:
    """Return the title and description in one line, "" without both."""
    if not isinstance(part, dict):
        return ""
    texts = (part.get("title"), part.get("description"))
    # In one line, so that a description cannot leave the comment that it is printed in.
    return " ".join(" ".join(text.split()) for text in texts if isinstance(text, str))
