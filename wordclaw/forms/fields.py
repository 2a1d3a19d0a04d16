"""Fields of forms: the properties that a form can ask for, and their values."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator, URLValidator

from foundation.text.input import read_uuid
from wordclaw.schema import pointers
from wordclaw.schema.compiled import CompiledSchema
from wordclaw.schema.extensions import FIELD_KIND, LOCALIZED

LONG_TEXT = 200
"""A text that may have more characters gets an area of several lines."""
MAX_FOLLOWED = 20
FORMATS = {"email": "email", "idn-email": "email", "uri": "url", "iri": "url", "date": "date"}
# The declared types that fit a property, by the control that the property has of itself.
FITTING_TYPES: dict[str, frozenset[str]] = {
    "text": frozenset({"text", "textarea", "markdown", "email", "url", "select", "string"}),
    "email": frozenset({"email", "text", "string"}),
    "url": frozenset({"url", "text", "string"}),
    "date": frozenset({"date", "text", "string"}),
    "number": frozenset({"number", "integer"}),
    "checkbox": frozenset({"checkbox", "boolean"}),
    "select": frozenset({"select", "radio", "text", "string"}),
    "agent": frozenset({"agent", "agent-ref", "text", "string"}),
    "file": frozenset({"file", "asset"}),
}
CANONICAL_TYPES = {
    "string": "text",
    "markdown": "textarea",
    "integer": "number",
    "boolean": "checkbox",
    "radio": "select",
    "agent-ref": "agent",
    "asset": "file",
}
VALIDATORS: dict[str, tuple[Callable[[Any], None], str]] = {
    "email": (EmailValidator(), "Enter an email address, such as name@example.org."),
    "url": (
        URLValidator(schemes=["http", "https"]),
        "Enter an address that begins with http:// or https://.",
    ),
}
KNOWN_TYPES = frozenset().union(*FITTING_TYPES.values())


@dataclass(frozen=True, slots=True)
class Property:
    """A property that a form can ask for.

    ``kind`` is the control; ``options`` the values of an enumeration; ``length`` the most
    characters of a text; ``language`` the key under which a localized value is stored.
    """

    kind: str
    options: tuple[str, ...] = ()
    is_long: bool = False
    is_whole: bool = False
    length: int | None = None
    minimum: float | None = None
    maximum: float | None = None
    language: str = ""
    title: str = ""
    description: str = ""

    @property
    def usual_type(self) -> str:
        return "textarea" if self.kind == "text" and self.is_long else self.kind


def property_of(schema: CompiledSchema, name: str) -> Property | None:
    """Return what a form needs to know of a property; None if it cannot ask for it.

    Those are lists, groups and references to items. Raises KeyError for an unknown name.
    """
    part = _followed(schema.schema, schema.properties[name])
    if not isinstance(part, dict):
        return None
    is_localized = part.get(LOCALIZED) is True and schema.localization is not None
    language = schema.localization.default if is_localized and schema.localization else ""
    options = _options(part)
    kind = "select" if options else _kind(part)
    if kind is None:
        return None
    length = part.get("maxLength")
    is_known_length = isinstance(length, int) and not isinstance(length, bool)
    return Property(
        kind,
        options,
        is_long=kind == "text" and _is_long(part),
        is_whole=_type_of(part) == "integer",
        length=length if is_known_length else None,
        minimum=_number(part.get("minimum")),
        maximum=_number(part.get("maximum")),
        language=language,
        title=part["title"] if isinstance(part.get("title"), str) else "",
        description=part["description"] if isinstance(part.get("description"), str) else "",
    )


def _followed(root: dict[str, Any], part: Any) -> Any:
    for _ in range(MAX_FOLLOWED):
        reference = part.get("$ref") if isinstance(part, dict) else None
        if not isinstance(reference, str):
            return part
        try:
            part = pointers.look_up(root, reference.removeprefix("#"))
        except (KeyError, IndexError, ValueError):
            return None
    return None


def _type_of(part: dict[str, Any]) -> str:
    types = part.get("type")
    names = [name for name in (types if isinstance(types, list) else [types]) if name != "null"]
    return str(names[0]) if len(names) == 1 else ""


def _options(part: dict[str, Any]) -> tuple[str, ...]:
    values = part.get("enum")
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        return ()
    return tuple(values)


def _kind(part: dict[str, Any]) -> str | None:
    if part.get(FIELD_KIND) == "agent-ref":
        return "agent"
    if part.get(FIELD_KIND) == "asset":
        return "file"
    if "enum" in part or "const" in part:
        return None
    match _type_of(part):
        case "string":
            if part.get(FIELD_KIND) == "date":
                return "date"
            return FORMATS.get(str(part.get("format")), "text")
        case "number" | "integer":
            return "number"
        case "boolean":
            return "checkbox"
        case _:
            return None


def _is_long(part: dict[str, Any]) -> bool:
    length = part.get("maxLength")
    is_long = isinstance(length, int) and length > LONG_TEXT
    return part.get(FIELD_KIND) in ("textarea", "markdown") or is_long


def _number(value: Any) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value if is_number else None


def is_blank(value: Any) -> bool:
    """Whether a value counts as missing: null, blanks, or an empty list or object."""
    if isinstance(value, str):
        return not value.strip()
    return value is None or value in ([], {})


def stored_value(value: Any, prop: Property) -> Any:
    """Return the value as an item stores it, in its language or as a reference.

    An upload becomes an asset with its ID, so the reference is known before.
    """
    if prop.kind == "agent" and isinstance(value, str):
        value = {"agent": value.strip()}
    elif prop.kind == "file" and (upload_id := upload_id_of(value)):
        value = {"assetId": upload_id}
    elif isinstance(value, dict):
        return value
    return {prop.language: value} if prop.language else value


def upload_id_of(value: Any) -> str:
    """Return the ID of an upload in what was sent, ``{"uploadId": "…"}``, or ""."""
    if not isinstance(value, dict) or value.keys() != {"uploadId"}:
        return ""
    upload_id = value["uploadId"]
    return str(read_uuid(upload_id)) if isinstance(upload_id, str) else ""


def shown_value(value: Any, prop: Property | None) -> Any:
    """Return what a person sent, from what the item stores."""
    if prop is None or not isinstance(value, dict):
        return value
    if prop.language:
        value = value.get(prop.language, "")
    if not isinstance(value, dict):
        return value
    return value.get("agent", "") if prop.kind == "agent" else value


def may_be_default(prop: Property, value: Any) -> bool:
    """Whether a value is of the kind that the control of a property gives."""
    if prop.kind == "file":
        return False
    if prop.kind == "checkbox":
        return isinstance(value, bool)
    if prop.kind == "number":
        kinds = (int,) if prop.is_whole else (int, float)
        return isinstance(value, kinds) and not isinstance(value, bool)
    return isinstance(value, str)


def value_error(field: Mapping[str, Any], value: Any) -> str:
    """Return why the form does not accept a value, or "".

    The schema of the type is checked later.
    """
    if field["type"] == "file":
        return "" if upload_id_of(value) else "Upload the file first, and send its uploadId."
    if field["type"] in VALIDATORS and isinstance(value, str):
        validate, message = VALIDATORS[field["type"]]
        try:
            validate(value)
        except ValidationError:
            return message
    options = field.get("options")
    return "Select one of the options." if options and value not in options else ""
