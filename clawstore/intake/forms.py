"""The controls of a form that a publisher defined."""

from collections.abc import Mapping
from typing import Any

import orjson
from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clawstore.intake.files import FileField
from clawstore.studio.editor.parts import SchemaParts
from clawstore.studio.editor.problems import problems_of
from foundation.refusals import Refusal
from foundation.text.labels import humanized
from foundation.web.forms import MultilineField
from wordclaw.forms.errors import RequiredFieldMissing
from wordclaw.forms.fields import Property
from wordclaw.forms.models import FormDefinition
from wordclaw.forms.submissions.queries import properties_of
from wordclaw.schema import pointers

MAX_CHARACTERS = 20_000
"""Of a text whose property has no limit; the body of a form has 64 KiB."""
FILE_HELP = _("An image, a PDF or a text of up to 10 MiB.")
INPUT_TYPES = {"email": "email", "url": "url", "date": "date", "number": "number"}
AUTOCOMPLETE = {"email": "email", "url": "url"}


class SubmissionForm(forms.Form):
    """A form with the fields of a definition.

    The rules of the definition are checked below, by the action that also serves the API; here
    only numbers are read.
    """

    # Apart from the names of the stamp and the trap.
    prefix = "f"

    def __init__(self, definition: FormDefinition, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.definition = definition
        properties = properties_of(definition)
        for field in definition.fields:
            prop = properties[field["name"]]
            # A field whose property the type has lost can only be refused.
            if prop is not None:
                self.fields[field["name"]] = control_of(field, prop)

    def data_of(self) -> dict[str, Any]:
        """Return what was typed, as the action takes it. Call `is_valid` before.

        A box that is not ticked is left out, unless it was ticked when the form was shown.
        """
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if value not in ("", None, False) or (value is False and self.fields[name].initial)
        }

    def add_refusal(self, refusal: Refusal) -> Refusal:
        """Add the messages of a refusal at their fields."""
        if isinstance(refusal, RequiredFieldMissing):
            for name in refusal.details["fields"]:
                self._add(name, gettext("Fill in this field."))
            return refusal
        errors = refusal.details.get("errors")
        if not isinstance(errors, list):
            self.add_error(None, refusal.message)
            return refusal
        parts = SchemaParts(self.definition.content_type.schema)
        for pointer, messages in problems_of(parts, {}, errors).items():
            name = pointers.split(pointer)[0] if pointer else ""
            for message in messages:
                self._add(name, message)
        return refusal

    def _add(self, name: str, message: str) -> None:
        if name in self.fields:
            self.add_error(name, message)
        else:
            self.add_error(None, f"{humanized(name)}: {message}" if name else message)

    def initial_of(self, query: Mapping[str, str]) -> dict[str, Any]:
        """Return what a link has filled in, such as the agent that it is about."""
        return {
            name: query[name][:1000]
            for name, field in self.fields.items()
            if name in query and not isinstance(field, forms.BooleanField)
        }


def control_of(field: dict[str, Any], prop: Property) -> forms.Field:
    """Return the control of one field."""
    kind = field["type"]
    options: dict[str, Any] = {
        "label": field["label"] or humanized(field["name"]),
        "help_text": field["help"],
        "required": False,
        "initial": field.get("default"),
    }
    attributes: dict[str, str] = {"dir": "auto"}
    if field["required"]:
        attributes["aria-required"] = "true"
    if field["placeholder"]:
        attributes["placeholder"] = field["placeholder"]
    if kind == "agent":
        attributes |= {"placeholder": "@scope/name", "autocapitalize": "none", "class": "mono"}
    if kind in AUTOCOMPLETE:
        attributes["autocomplete"] = AUTOCOMPLETE[kind]
    # With an attribute of ours, which the template reads.
    control: Any = _bare_control(field, prop, options)
    control.widget.attrs.update(attributes)
    control.is_asked_for = field["required"]
    return control


def _bare_control(field: dict[str, Any], prop: Property, options: dict[str, Any]) -> forms.Field:
    match field["type"]:
        case "file":
            return FileField(**options | {"help_text": field["help"] or FILE_HELP})
        case "checkbox":
            return forms.BooleanField(**options)
        case "select":
            choices = [("", _("Select…")), *((value, value) for value in field["options"])]
            return forms.ChoiceField(**options, choices=choices)
        case "number":
            return NumberField(**options, is_whole=prop.is_whole)
        case "textarea":
            length = min(prop.length or MAX_CHARACTERS, MAX_CHARACTERS)
            widget = forms.Textarea(attrs={"rows": 7, "maxlength": str(length)})
            return MultilineField(**options, strip=False, widget=widget)
    control = forms.CharField(**options, strip=False, widget=forms.TextInput())
    control.widget.input_type = INPUT_TYPES.get(field["type"], "text")
    if prop.length:
        control.widget.attrs["maxlength"] = str(prop.length)
    return control


class NumberField(forms.CharField):
    """A number; a text that is no number is kept as it was typed."""

    def __init__(self, *, is_whole: bool, **options: Any) -> None:
        super().__init__(**options)
        self.widget = forms.TextInput(
            attrs={"inputmode": "numeric" if is_whole else "decimal", "autocomplete": "off"}
        )

    def clean(self, value: object) -> Any:
        text = str(super().clean(value)).strip()
        if not text:
            return ""
        try:
            number = orjson.loads(text.replace(",", "."))
        except orjson.JSONDecodeError:
            number = None
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise forms.ValidationError(gettext("Enter a number, such as 12 or 3.5."))
        return number
