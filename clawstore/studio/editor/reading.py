"""The document that was typed in a form."""

from collections.abc import Mapping
from typing import Any

import orjson

from clawstore.studio.editor.languages import Languages
from clawstore.studio.editor.names import BLANK as BLANK_NAME
from clawstore.studio.editor.names import BRANCH, EXTRA_PREFIX, LENGTH, VALUE
from clawstore.studio.editor.nodes import MAX_ROWS
from clawstore.studio.editor.parts import Part, SchemaParts
from clawstore.studio.editor.values import BLANK, MISSING, RawText
from wordclaw.schema import pointers

MAX_LEVELS = 64
BLANK_VALUES: dict[str, Any] = {"null": None, "empty": "", "false": False}
NUMBERS = range(-(2**63), 2**64)
"""Whole numbers that JSON of the API can have."""


class FormReader:
    """Reads a document from the fields of a form.

    ``errors`` are messages by pointer for what could not be read; it is kept as it was typed.
    ``unread`` are the names of fields for which the schema has no place.
    """

    def __init__(
        self, reader: SchemaParts, languages: Languages | None, fields: Mapping[str, str]
    ) -> None:
        self.reader = reader
        self.languages = languages
        self.fields = fields
        self.errors: dict[str, list[str]] = {}
        self.read_names: set[str] = set()

    def read(self) -> dict[str, Any]:
        """Return the document, with BLANK for empty rows of lists."""
        document = self._value(self.reader.root, "", level=0)
        return document if isinstance(document, dict) else {}

    @property
    def unread(self) -> dict[str, str]:
        """Texts of fields that the schema no longer has, by pointer."""
        return {
            name.removeprefix(VALUE): text
            for name, text in self.fields.items()
            if name.startswith(VALUE) and name not in self.read_names and text.strip()
        }

    def _take(self, prefix: str, pointer: str) -> str | None:
        name = prefix + pointer
        # Names that stay unread are texts without a field, which are shown above the form.
        self.read_names.add(name)
        return self.fields.get(name)

    def _value(self, schema: Any, pointer: str, *, level: int) -> Any:
        part = self.reader.part(schema)
        # Schemas may contain themselves, and a form can name places at any depth.
        if level > MAX_LEVELS:
            return MISSING
        # JSON stands in for any control.
        if self.fields.get(f"{BRANCH}{pointer}") == "json" or part.kind == "json":
            return self._json(VALUE, pointer)
        match part.kind:
            case "object":
                return self._object(part, pointer, level)
            case "localized":
                return self._localized(part, pointer, level)
            case "list":
                return self._list(part, pointer, level)
            case "union":
                return self._union(part, pointer, level)
            case _:
                return self._leaf(part, pointer)

    def _object(self, part: Part, pointer: str, level: int) -> Any:
        # An object that was not added has no field but this one.
        if self._take(BRANCH, pointer) == "absent":
            return MISSING
        values = {}
        for name, schema in part.properties.items():
            place = f"{pointer}/{pointers.escape(name)}"
            value = self._value(schema, place, level=level + 1)
            if value is not MISSING:
                values[name] = value
        values |= self._extra(pointer)
        # The constant of a union is in each of its forms and says nothing about what was typed.
        is_only_constant = all(
            self.reader.part(part.properties.get(name)).kind == "const" for name in values
        )
        is_empty = is_only_constant and self._take(BLANK_NAME, pointer) != "{}"
        # An optional group in which nothing is typed is left out, or its required fields would be
        # missed.
        return MISSING if is_empty and pointer else values

    def _localized(self, part: Part, pointer: str, level: int) -> Any:
        inner = self.reader.translation(part).schema
        values = {}
        for language in self.languages.supported_tags if self.languages else ():
            place = f"{pointer}/{pointers.escape(language)}"
            value = self._value(inner, place, level=level + 1)
            if value is not MISSING:
                values[language] = value
        return values | self._extra(pointer) or MISSING

    def _extra(self, pointer: str) -> dict[str, Any]:
        raw = self._take(EXTRA_PREFIX, pointer)
        if not raw or not raw.strip():
            return {}
        extra = self._parse(raw, pointer)
        if isinstance(extra, dict):
            return extra
        self.errors.setdefault(pointer, ["The other values must be a JSON object."])
        return {}

    def _list(self, part: Part, pointer: str, level: int) -> Any:
        raw = self._take(LENGTH, pointer)
        # The length comes from a hidden field, which anyone can change.
        length = int(raw) if raw and raw.isascii() and raw.isdigit() and len(raw) < 5 else 0
        items = self.reader.items(part).schema
        rows = [
            self._row(items, f"{pointer}/{index}", level + 1)
            for index in range(min(length, MAX_ROWS))
        ]
        if rows or self._take(BLANK_NAME, pointer) == "[]":
            return rows
        return MISSING

    def _row(self, items: Any, pointer: str, level: int) -> Any:
        value = self._value(items, pointer, level=level)
        if value is not MISSING:
            return value
        part = self.reader.part(items)
        # The row of a group stays, with what is the same in all of them.
        return self._constants(part) if part.kind in ("object", "union") else BLANK

    def _constants(self, part: Part) -> dict[str, Any]:
        parts = {name: self.reader.part(schema) for name, schema in part.properties.items()}
        return {
            name: inner.schema["const"] for name, inner in parts.items() if inner.kind == "const"
        }

    def _union(self, part: Part, pointer: str, level: int) -> Any:
        raw = self._take(BRANCH, pointer) or ""
        if raw == "absent":
            return MISSING
        number = int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 5 else 0
        branch = self.reader.part(part.branches[min(number, len(part.branches) - 1)])
        value = self._value(branch.schema, pointer, level=level + 1)
        if value is MISSING and branch.kind == "object":
            return self._constants(branch)
        return value

    def _leaf(self, part: Part, pointer: str) -> Any:
        if part.kind == "const":
            return part.schema["const"] if self._take(VALUE, pointer) is not None else MISSING
        raw = self._take(VALUE, pointer)
        if part.kind == "checkbox":
            return self._checkbox(raw, pointer)
        if raw is None or not raw.strip():
            # A text of blanks alone is kept as it was typed.
            if raw and part.kind in ("text", "textarea", "markdown"):
                return raw
            blank = self._take(BLANK_NAME, pointer) or ""
            return BLANK_VALUES.get(blank, MISSING)
        if part.kind == "choice":
            return self._choice(part, raw, pointer)
        if part.kind == "number":
            return self._number(raw.strip(), pointer)
        if part.kind in ("item-ref", "agent-ref", "asset-ref"):
            return {part.reference_key: raw.strip()}
        # Browsers send line ends of Windows; stored, each save of an untouched text would be a
        # change.
        return raw.replace("\r\n", "\n")

    def _checkbox(self, raw: str | None, pointer: str) -> Any:
        if raw is not None:
            return True
        return BLANK_VALUES.get(self._take(BLANK_NAME, pointer) or "", MISSING)

    def _choice(self, part: Part, raw: str, pointer: str) -> Any:
        options = part.schema["enum"]
        if raw.isascii() and raw.isdigit() and len(raw) < 6 and int(raw) < len(options):
            return options[int(raw)]
        self.errors.setdefault(pointer, ["Select one of the options."])
        return MISSING

    def _number(self, raw: str, pointer: str) -> Any:
        try:
            number = orjson.loads(raw)
        except orjson.JSONDecodeError:
            number = None
        is_number = isinstance(number, int | float) and not isinstance(number, bool)
        # Larger whole numbers cannot be written again by the API's JSON.
        if is_number and (isinstance(number, float) or number in NUMBERS):
            return number
        self.errors.setdefault(pointer, ["Enter a number, such as 12 or 3.5."])
        # Kept as it was typed, so that the form can show it with the error.
        return RawText(raw)

    def _json(self, prefix: str, pointer: str) -> Any:
        raw = self._take(prefix, pointer)
        if raw is None or not raw.strip():
            return MISSING
        return self._parse(raw, pointer)

    def _parse(self, raw: str, pointer: str) -> Any:
        try:
            return orjson.loads(raw)
        except orjson.JSONDecodeError as error:
            self.errors.setdefault(pointer, [f"This is not valid JSON: {error}."])
            return RawText(raw.replace("\r\n", "\n"))


def without_blanks(value: Any) -> Any:
    """Return a document without the empty rows of its lists."""
    if isinstance(value, dict):
        return {key: without_blanks(child) for key, child in value.items()}
    if isinstance(value, list):
        return [without_blanks(child) for child in value if child is not BLANK]
    return value
