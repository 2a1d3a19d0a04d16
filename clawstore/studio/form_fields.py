"""The fields of a form as an author picks them from a content type."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from foundation.text.labels import humanized
from wordclaw.content.models import ContentType
from wordclaw.content.rules import compiled_schema
from wordclaw.forms.fields import Property, property_of
from wordclaw.forms.models import FormDefinition

TEXT_TYPES = ("text", "textarea", "email", "url")
"""What a form may ask for in a property that is any text."""
LAST_POSITION = 999
"""The position of a field that has none."""


@dataclass(slots=True)
class FieldChoice:
    """A property of a type, and what the form does with it.

    ``default`` is what stands in the field first, or what the item gets if it is not asked for.
    """

    name: str
    prop: Property
    title: str
    type: str
    is_asked: bool = False
    is_required: bool = False
    label: str = ""
    help: str = ""
    default: str = ""
    position: int = LAST_POSITION
    is_needed: bool = False
    options: tuple[str, ...] = ()
    placeholder: str = ""

    @property
    def types(self) -> tuple[str, ...]:
        """The types that the author can select; a menu keeps its options."""
        return TEXT_TYPES if self.prop.kind == "text" and not self.options else ()

    @property
    def id(self) -> str:
        return f"field-{self.name}"

    def definition(self) -> dict[str, Any]:
        """The field as the action takes it."""
        field: dict[str, Any] = {
            "name": self.name,
            "type": self.type,
            "label": self.label,
            "help": self.help,
            "required": self.is_required,
            "placeholder": self.placeholder,
        }
        if self.options:
            field["options"] = list(self.options)
        if self.default:
            field["default"] = value_of(self.default, self.prop)
        return field


def choices_of(content_type: ContentType, form: FormDefinition | None) -> list[FieldChoice]:
    """Return the properties that a form can ask for, those that it asks for first."""
    schema = compiled_schema(content_type)
    needed_names = schema.schema.get("required")
    asked_fields = {
        field["name"]: (n, field) for n, field in enumerate(form.fields if form else (), 1)
    }
    defaults = form.default_data if form else {}
    choices = []
    for name in schema.properties:
        prop = property_of(schema, name)
        if prop is None:
            continue
        position, field = asked_fields.get(name, (LAST_POSITION, {}))
        default = field.get("default", defaults.get(name)) if prop.kind != "file" else None
        is_needed = isinstance(needed_names, list) and name in needed_names
        choices.append(
            FieldChoice(
                name,
                prop,
                prop.title or humanized(name),
                field.get("type", prop.usual_type),
                # A new form asks for what the type needs.
                is_asked=name in asked_fields if form else is_needed,
                is_required=bool(field.get("required", is_needed)),
                label=field.get("label", ""),
                help=field.get("help", ""),
                default=text_of(default),
                position=position,
                is_needed=is_needed,
                options=tuple(field.get("options", ())) if not prop.options else (),
                placeholder=field.get("placeholder", ""),
            )
        )
    return sorted(choices, key=lambda choice: choice.position)


def left_out(content_type: ContentType) -> list[str]:
    """Return the names of the properties that no form can ask for."""
    schema = compiled_schema(content_type)
    return [name for name in schema.properties if property_of(schema, name) is None]


def read_choices(choices: list[FieldChoice], fields: Mapping[str, str]) -> None:
    """Set the choices as they were sent."""
    for choice in choices:
        name = choice.name
        choice.is_asked = f"ask:{name}" in fields
        choice.is_required = f"required:{name}" in fields
        choice.label = fields.get(f"label:{name}", "").strip()
        if fields.get(f"type:{name}") in choice.types:
            choice.type = fields[f"type:{name}"]
        choice.help = fields.get(f"help:{name}", "").strip()
        default = fields.get(f"default:{name}", "").strip()
        choice.default = default if choice.prop.kind != "file" else ""
        raw = fields.get(f"position:{name}", "").strip()
        choice.position = (
            int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 4 else LAST_POSITION
        )
    # Stable: fields without a position keep the order of the type.
    choices.sort(key=lambda choice: choice.position)


def columns_of(choices: list[FieldChoice]) -> dict[str, Any]:
    """Return the columns of the definition that the choices make."""
    return {
        "fields": [choice.definition() for choice in choices if choice.is_asked],
        "default_data": {
            choice.name: value_of(choice.default, choice.prop)
            for choice in choices
            if choice.default and not choice.is_asked
        },
    }


def value_of(text: str, prop: Property) -> Any:
    """Return the value of a typed default; what cannot be read stays a text."""
    if prop.kind == "checkbox":
        return text.lower() in ("true", "yes", "1", "on")
    if prop.kind == "number":
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError:
            return text
    return text


def text_of(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        # One language's value of a localized property.
        return str(next(iter(value.values()), ""))
    return str(value)
