"""Manifests: content types described by fields, compiled to JSON Schema.

``{fields: [{name, type, label?, description?, required?, localized?, premium?, min?, max?,
options?, allowedContentTypeSlugs?, fields?, items?, blocks?}], localization?}``
"""

from collections.abc import Callable
from typing import Any

from foundation.text.expressions import compile_text
from wordclaw.schema.errors import SchemaError
from wordclaw.schema.extensions import (
    ALLOWED_TYPES,
    FIELD_KIND,
    FIELD_KINDS,
    INDEXED,
    LOCALIZATION,
    LOCALIZED,
    PREMIUM,
)

Field = dict[str, Any]
# Also a name in generated code, where other characters would need quotes.
NAME = compile_text(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")
MAX_MANIFEST_FIELDS = 200
# Each level is three of the 64 of a schema, and the form of the studio nests as deeply.
MAX_LEVELS = 8
FIELD_KEYS = frozenset(
    {
        *("name", "type", "label", "description", "required", "localized", "premium", "indexed"),
        *("min", "max", "options", ALLOWED_TYPES, "fields", "items", "blocks"),
    }
)
MANIFEST_KEYS = frozenset({"fields", "localization"})
BLOCK_TYPE = "blockType"


def compile_manifest(manifest: Any) -> dict[str, Any]:
    """Return the JSON Schema of a manifest. Raises SchemaError."""
    if not isinstance(manifest, dict):
        raise SchemaError("The manifest must be an object with fields.")
    # A misspelled key such as `requierd` would otherwise be lost in silence.
    _refuse_unknown_keys(manifest, MANIFEST_KEYS, "")
    schema: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **_object_schema(manifest.get("fields"), "/fields", 1),
    }
    if "localization" in manifest:
        schema[LOCALIZATION] = manifest["localization"]
    return schema


def _object_schema(fields: Any, place: str, level: int) -> dict[str, Any]:
    if not isinstance(fields, list) or not 1 <= len(fields) <= MAX_MANIFEST_FIELDS:
        raise SchemaError(f"List 1 to {MAX_MANIFEST_FIELDS} fields.", place)
    if level > MAX_LEVELS:
        raise SchemaError(f"Groups are nested deeper than {MAX_LEVELS} levels.", place)
    properties: dict[str, Any] = {}
    required_names = []
    for index, field in enumerate(fields):
        here = f"{place}/{index}"
        name = _name_of(field, here)
        if name in properties:
            raise SchemaError(f"The name {name} is used twice.", f"{here}/name")
        properties[name] = _field_schema(field, here, level)
        if field.get("required"):
            required_names.append(name)
    # Closed, so that a document with a misspelled field is refused and not stored half.
    schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return schema | ({"required": required_names} if required_names else {})


def _name_of(field: Any, place: str) -> str:
    if not isinstance(field, dict):
        raise SchemaError("A field must be an object.", place)
    _refuse_unknown_keys(field, FIELD_KEYS, place)
    name = field.get("name")
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise SchemaError(
            "A name has 1 to 64 letters, digits, - and _, and begins with a letter or _.",
            f"{place}/name",
        )
    return name


def _refuse_unknown_keys(part: dict[str, Any], names: frozenset[str], place: str) -> None:
    for key in part:
        if key not in names:
            raise SchemaError(f"{key!r} is not known here.", place)


def _field_schema(field: Field, place: str, level: int) -> dict[str, Any]:
    kind = field.get("type")
    if not isinstance(kind, str) or kind not in FIELD_KINDS:
        kinds = ", ".join(sorted(FIELD_KINDS))
        raise SchemaError(f"The type must be one of {kinds}.", f"{place}/type")
    schema = BUILDERS[kind](field, place, level)
    schema[FIELD_KIND] = kind
    for key, keyword in (("label", "title"), ("description", "description")):
        if key in field:
            if not isinstance(field[key], str):
                raise SchemaError("This must be a text.", f"{place}/{key}")
            schema[keyword] = field[key]
    flags = {"localized": LOCALIZED, "premium": PREMIUM, "indexed": INDEXED}
    for key, keyword in flags.items():
        if field.get(key):
            schema[keyword] = True
    return schema


def _bounds(field: Field, place: str, minimum: str, maximum: str) -> dict[str, Any]:
    """The keywords for ``min`` and ``max``."""
    bounds = {}
    for key, keyword in (("min", minimum), ("max", maximum)):
        value = field.get(key)
        if value is None:
            continue
        # In Python, true is a whole number.
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise SchemaError("This must be a number.", f"{place}/{key}")
        bounds[keyword] = value
    return bounds


def _text(field: Field, place: str, level: int) -> dict[str, Any]:
    return {"type": "string", **_bounds(field, place, "minLength", "maxLength")}


def _number(field: Field, place: str, level: int) -> dict[str, Any]:
    return {"type": "number", **_bounds(field, place, "minimum", "maximum")}


def _checkbox(field: Field, place: str, level: int) -> dict[str, Any]:
    return {"type": "boolean"}


def _date(field: Field, place: str, level: int) -> dict[str, Any]:
    return {"type": "string", "format": "date"}


def _select(field: Field, place: str, level: int) -> dict[str, Any]:
    options = field.get("options")
    if not isinstance(options, list) or not options:
        raise SchemaError("List at least one option.", f"{place}/options")
    values = [option.get("value") if isinstance(option, dict) else option for option in options]
    if not all(isinstance(value, str) for value in values):
        raise SchemaError("Options are texts, or objects with a value.", f"{place}/options")
    return {"type": "string", "enum": values}


def _reference(key: str) -> Callable[[Field, str, int], dict[str, Any]]:
    def build(field: Field, place: str, level: int) -> dict[str, Any]:
        schema: dict[str, Any] = {
            "type": "object",
            "properties": {key: {"type": "string", "minLength": 1, "maxLength": 200}},
            "required": [key],
            "additionalProperties": False,
        }
        if ALLOWED_TYPES in field:
            schema[ALLOWED_TYPES] = field[ALLOWED_TYPES]
        return schema

    return build


def _reference_list(key: str) -> Callable[[Field, str, int], dict[str, Any]]:
    def build(field: Field, place: str, level: int) -> dict[str, Any]:
        entry = _reference(key)(field, place, level)
        # The slugs are read beside the kind of field, which is on the list and not on its entries.
        slugs = {ALLOWED_TYPES: entry.pop(ALLOWED_TYPES)} if ALLOWED_TYPES in entry else {}
        return {
            "type": "array",
            "items": entry,
            **slugs,
            **_bounds(field, place, "minItems", "maxItems"),
        }

    return build


def _group(field: Field, place: str, level: int) -> dict[str, Any]:
    return _object_schema(field.get("fields"), f"{place}/fields", level + 1)


def _array(field: Field, place: str, level: int) -> dict[str, Any]:
    """A list; its items are one field without a name, or an object of fields."""
    if "items" in field:
        entry = field["items"]
        if not isinstance(entry, dict):
            raise SchemaError("The items must be a field.", f"{place}/items")
        _refuse_unknown_keys(entry, FIELD_KEYS, f"{place}/items")
        if level > MAX_LEVELS:
            raise SchemaError(f"Lists are nested deeper than {MAX_LEVELS} levels.", place)
        items = _field_schema(entry, f"{place}/items", level + 1)
    else:
        items = _object_schema(field.get("fields"), f"{place}/fields", level + 1)
    return {"type": "array", "items": items, **_bounds(field, place, "minItems", "maxItems")}


def _block_set(field: Field, place: str, level: int) -> dict[str, Any]:
    """A list of blocks; ``blockType`` names the declared kind of each."""
    blocks = field.get("blocks")
    if not isinstance(blocks, list) or not 1 <= len(blocks) <= MAX_MANIFEST_FIELDS:
        raise SchemaError("List at least one block.", f"{place}/blocks")
    branches = []
    names: set[str] = set()
    for index, block in enumerate(blocks):
        here = f"{place}/blocks/{index}"
        # A block is written as a group: a name and fields.
        name = _name_of(block, here)
        if name in names:
            raise SchemaError(f"The block {name} is declared twice.", f"{here}/name")
        names.add(name)
        schema = _object_schema(block.get("fields"), f"{here}/fields", level + 1)
        # A constant, so that the validator, the studio and the merge know which branch a block is.
        schema["properties"] = {BLOCK_TYPE: {"const": name}, **schema["properties"]}
        schema["required"] = [BLOCK_TYPE, *schema.get("required", ())]
        if isinstance(block.get("label"), str):
            schema["title"] = block["label"]
        branches.append(schema)
    # `oneOf` and not `anyOf`: the constants exclude each other, so exactly one branch fits.
    items = {"type": "object", "oneOf": branches}
    return {"type": "array", "items": items, **_bounds(field, place, "minItems", "maxItems")}


BUILDERS: dict[str, Callable[[Field, str, int], dict[str, Any]]] = {
    "text": _text,
    "textarea": _text,
    "markdown": _text,
    "number": _number,
    "checkbox": _checkbox,
    "date": _date,
    "select": _select,
    "asset": _reference("assetId"),
    "asset-list": _reference_list("assetId"),
    "content-ref": _reference("contentItemId"),
    "content-ref-list": _reference_list("contentItemId"),
    "agent-ref": _reference("agent"),
    "agent-ref-list": _reference_list("agent"),
    "group": _group,
    "array": _array,
    "block-set": _block_set,
}
