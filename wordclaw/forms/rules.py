"""Rules for form definitions."""

from typing import Any

from foundation.text.expressions import compile_text
from wordclaw.content.models import ContentType
from wordclaw.content.models.items import PUBLISHED, STATUS_LENGTH
from wordclaw.content.models.types import SLUG_LENGTH
from wordclaw.content.rules import compiled_schema, is_slug
from wordclaw.forms.errors import (
    FieldNameDuplicate,
    FieldNotInSchema,
    FieldTypeMismatch,
    FieldUnsupported,
    InvalidForm,
    PaymentPriceMissing,
    SubmissionStatusInvalid,
    TooManyFileFields,
)
from wordclaw.forms.fields import (
    CANONICAL_TYPES,
    FITTING_TYPES,
    Property,
    may_be_default,
    property_of,
    value_error,
)
from wordclaw.forms.limits import MAX_FILE_FIELDS
from wordclaw.forms.models import (
    DESCRIPTION_LENGTH,
    MESSAGE_LENGTH,
    NAME_LENGTH,
    SECRET_LENGTH,
)
from wordclaw.schema.shape import shape_error

MAX_FORMS = 100
"""Forms of one domain."""
MAX_FORM_FIELDS = 50
MAX_PRICE = 100_000_000
LENGTHS = {
    "name": NAME_LENGTH,
    "description": DESCRIPTION_LENGTH,
    "success_message": MESSAGE_LENGTH,
    "webhook_secret": SECRET_LENGTH,
}
STATE = compile_text(r"[a-z][a-z0-9_-]*")
RESERVED_SLUGS = frozenset({"new"})
"""Addresses of pages beside those of forms."""
PATHS = {"success_message": "successMessage", "webhook_secret": "webhookSecret"}


def plain_errors(columns: dict[str, Any]) -> list[dict[str, str]]:
    """Return the errors in the plain fields of a definition."""
    errors = []
    if "name" in columns and not columns["name"].strip():
        errors.append({"path": "name", "message": "Give the form a name."})
    for name, length in LENGTHS.items():
        if len(columns.get(name) or "") > length:
            path = PATHS.get(name, name)
            errors.append({"path": path, "message": f"Use up to {length:,} characters."})
    slug = columns.get("slug")
    if slug is not None and (not is_slug(slug) or slug in RESERVED_SLUGS):
        message = f"Use up to {SLUG_LENGTH} lower-case letters, digits and hyphens."
        errors.append({"path": "slug", "message": message})
    return errors


def require_valid_fields(
    content_type: ContentType, fields: list[dict[str, Any]], default_data: dict[str, Any]
) -> list[dict[str, Any]]:
    """Return the fields as they are stored.

    Raises InvalidForm, FieldNameDuplicate, FieldNotInSchema, FieldUnsupported, FieldTypeMismatch or
    TooManyFileFields, in this order, each with all names.
    """
    values = [default_data, *(field.get("default") for field in fields)]
    if error := shape_error(values):
        raise InvalidForm(errors=[{"path": "defaultData", "message": error.message}])
    schema = compiled_schema(content_type)
    names = [field["name"] for field in fields]
    if repetitions := {name for name in names if names.count(name) > 1}:
        raise FieldNameDuplicate(fields=sorted(repetitions))
    if strangers := [name for name in [*names, *default_data] if name not in schema.properties]:
        raise FieldNotInSchema(fields=strangers)
    properties = {name: property_of(schema, name) for name in names}
    if unsupported := [name for name, prop in properties.items() if prop is None]:
        raise FieldUnsupported(fields=unsupported)
    fitting = {name: prop for name, prop in properties.items() if prop is not None}
    if wrong := [field["name"] for field in fields if not _fits(field, fitting[field["name"]])]:
        raise FieldTypeMismatch(fields=wrong)
    files = [name for name, prop in fitting.items() if prop.kind == "file"]
    if len(files) > MAX_FILE_FIELDS:
        raise TooManyFileFields(fields=files)
    return [_stored(field, fitting[field["name"]]) for field in fields]


def _fits(field: dict[str, Any], prop: Property) -> bool:
    kind = field.get("type") or prop.usual_type
    if kind not in FITTING_TYPES[prop.kind]:
        return False
    options = field.get("options") or []
    # Options narrow an enumeration, and never add to it.
    if options and prop.options and not set(options) <= set(prop.options):
        return False
    if options and prop.kind not in ("text", "select"):
        return False
    # A menu needs what it offers.
    return CANONICAL_TYPES.get(kind, kind) != "select" or bool(options or prop.options)


def _stored(field: dict[str, Any], prop: Property) -> dict[str, Any]:
    kind = field.get("type") or prop.usual_type
    kind = CANONICAL_TYPES.get(kind, kind)
    options = list(field.get("options") or prop.options)
    if options:
        kind = "select"
    # A property of one kind keeps its control, whatever text type was named for it.
    if prop.kind in ("email", "url", "date", "agent", "file"):
        kind = prop.kind
    columns = {
        "name": field["name"],
        "label": (field.get("label") or prop.title).strip(),
        "type": kind,
        "required": bool(field.get("required")),
        "help": (field.get("help") or "").strip(),
        "placeholder": (field.get("placeholder") or "").strip(),
        "options": options,
    }
    default = field.get("default")
    if default is not None:
        if not may_be_default(prop, default) or value_error(columns, default):
            raise FieldTypeMismatch("The default does not fit the field.", fields=[field["name"]])
        columns["default"] = default
    return columns


def require_valid_columns(columns: dict[str, Any]) -> None:
    """Raise SubmissionStatusInvalid or PaymentPriceMissing.

    ``columns``: all columns of the definition as it would be.
    """
    status = columns["submission_status"]
    if status == PUBLISHED or len(status) > STATUS_LENGTH or not STATE.fullmatch(status):
        raise SubmissionStatusInvalid
    price = columns["price_satoshis"]
    if columns["requires_payment"] and not (price and 1 <= price <= MAX_PRICE):
        raise PaymentPriceMissing
