"""Parts of a schema: which control edits a value that a part describes."""

from dataclasses import dataclass
from typing import Any

from foundation.text.labels import humanized
from wordclaw.schema import pointers
from wordclaw.schema.extensions import ALLOWED_TYPES, FIELD_KIND, LOCALIZED
from wordclaw.schema.references import KEYS
from wordclaw.schema.values import contradicts

MAX_REFERENCES = 20
LONG_TEXT = 200
"""A text that may have more characters gets an area of several lines."""
REFERENCE_LISTS = frozenset(kind for kind in KEYS if kind.endswith("-list"))
TEXT_KINDS = {"email": "email", "uri": "url", "date": "date"}
SCALARS = frozenset(
    {"text", "textarea", "markdown", "email", "url", "date", "number", "checkbox", "choice"}
)


@dataclass(frozen=True, slots=True)
class Part:
    """A schema with its references followed, and the kind of its control."""

    schema: dict[str, Any]
    kind: str
    is_nullable: bool = False

    @property
    def title(self) -> str:
        title = self.schema.get("title")
        return title if isinstance(title, str) else ""

    @property
    def properties(self) -> dict[str, Any]:
        properties = self.schema.get("properties")
        return properties if isinstance(properties, dict) else {}

    @property
    def required(self) -> frozenset[str]:
        value = self.schema.get("required")
        names = value if isinstance(value, list) else []
        return frozenset(name for name in names if isinstance(name, str))

    @property
    def branches(self) -> list[Any]:
        branches: list[Any] = self.schema.get("oneOf") or self.schema.get("anyOf") or []
        return branches

    @property
    def reference_key(self) -> str:
        """The key in the object of a reference, such as contentItemId."""
        return KEYS[self.schema[FIELD_KIND]][1]


class SchemaParts:
    """Reads the parts of one schema."""

    def __init__(self, root: dict[str, Any]) -> None:
        self.root = root

    def part(self, schema: Any) -> Part:
        """Return a part with its control; what has none of its own is edited as JSON."""
        schema = self._follow(schema)
        if not isinstance(schema, dict):
            # Nothing is left out of a form: what has no control can still be edited as JSON.
            return Part({}, "json")
        if schema.get(LOCALIZED) is True:
            return Part(schema, "localized")
        types = schema.get("type")
        names = types if isinstance(types, list) else [types]
        # A type and null is that type with a control that may be empty.
        named_types = [name for name in names if name != "null"]
        is_nullable = len(named_types) < len(names)
        return Part(
            schema, _kind(schema, named_types[0] if len(named_types) == 1 else None), is_nullable
        )

    def _follow(self, schema: Any) -> Any:
        for _ in range(MAX_REFERENCES):
            reference = schema.get("$ref") if isinstance(schema, dict) else None
            if not isinstance(reference, str):
                break
            try:
                target = pointers.look_up(self.root, reference.removeprefix("#"))
            except (KeyError, IndexError, ValueError):
                return None
            # Words beside a reference are about this place.
            words = {key: schema[key] for key in ("title", "description") if key in schema}
            schema = target | words if isinstance(target, dict) else target
        return schema

    def translation(self, part: Part) -> Part:
        """Return the part of one language's value of a localized part."""
        return self.part({key: value for key, value in part.schema.items() if key != LOCALIZED})

    def items(self, part: Part) -> Part:
        """Return the part of a list's items."""
        items = part.schema.get("items")
        kind = part.schema.get(FIELD_KIND)
        if kind in REFERENCE_LISTS and isinstance(items, dict):
            single = kind.removesuffix("-list")
            items = items | {FIELD_KIND: single}
            if ALLOWED_TYPES in part.schema:
                items |= {ALLOWED_TYPES: part.schema[ALLOWED_TYPES]}
        return self.part(items)

    def branch_titles(self, part: Part) -> list[str]:
        """Return what each branch of a union is called."""
        return [self._branch_title(branch, n) for n, branch in enumerate(part.branches, start=1)]

    def _branch_title(self, branch: Any, number: int) -> str:
        part = self.part(branch)
        if part.title:
            return part.title
        for schema in part.properties.values():
            constant = self.part(schema).schema.get("const")
            if isinstance(constant, str):
                return humanized(constant)
        reference = branch.get("$ref") if isinstance(branch, dict) else None
        if isinstance(reference, str):
            return humanized(reference.rsplit("/", 1)[-1])
        return humanized(part.kind) if part.kind in SCALARS else f"Variant {number}"

    def branch_of(self, part: Part, value: Any) -> int | None:
        """Return the branch of a union that a value belongs to, or None."""
        for index, branch in enumerate(part.branches):
            inner = self.part(branch)
            # By constants and types alone: a value that is being edited need not be valid yet.
            if not contradicts(inner.schema, value) and self._fits(inner, value):
                return index
        return None

    @staticmethod
    def _fits(part: Part, value: Any) -> bool:
        if part.kind == "const":
            return bool(part.schema["const"] == value)
        if part.kind in ("object", "item-ref", "agent-ref", "asset-ref"):
            return isinstance(value, dict)
        if part.kind == "list":
            return isinstance(value, list)
        if part.kind == "choice":
            return value in part.schema["enum"]
        if part.kind == "checkbox":
            return isinstance(value, bool)
        if part.kind == "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        return part.kind == "json" or isinstance(value, str)


def _kind(schema: dict[str, Any], type_name: Any) -> str:
    if "const" in schema:
        return "const"
    if isinstance(schema.get("enum"), list):
        return "choice"
    field_kind = schema.get(FIELD_KIND)
    if field_kind in KEYS and field_kind not in REFERENCE_LISTS:
        return {"content-ref": "item-ref", "agent-ref": "agent-ref"}.get(field_kind, "asset-ref")
    if isinstance(schema.get("properties"), dict):
        return "object"
    if isinstance(schema.get("oneOf") or schema.get("anyOf"), list):
        return "union"
    if type_name == "array":
        # A tuple has another schema for each place, so entries cannot be added or moved.
        has_items = isinstance(schema.get("items"), dict) and not schema.get("prefixItems")
        return "list" if has_items else "json"
    if type_name == "string":
        return _text_kind(schema)
    return {"boolean": "checkbox", "number": "number", "integer": "number"}.get(
        str(type_name), "json"
    )


def _text_kind(schema: dict[str, Any]) -> str:
    field_kind = schema.get(FIELD_KIND)
    if field_kind in ("text", "textarea", "markdown", "date"):
        return str(field_kind)
    if schema.get("format") in TEXT_KINDS:
        return TEXT_KINDS[schema["format"]]
    length = schema.get("maxLength")
    is_long = isinstance(length, int) and length > LONG_TEXT
    # A text with a format, such as a time, has one line whatever its limit is.
    return "textarea" if is_long and "format" not in schema else "text"
