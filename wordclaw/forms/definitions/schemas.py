"""JSON of form definitions."""

from typing import Any

from ninja import Schema
from pydantic import Field, StrictBool, StrictInt, StrictStr

from foundation.clock import iso
from wordclaw.forms.models import FormDefinition
from wordclaw.forms.rules import MAX_FORM_FIELDS
from wordclaw.requests.schemas import StrictBody

COLUMNS = {
    "name": "name",
    "slug": "slug",
    "description": "description",
    "fields": "fields",
    "defaultData": "default_data",
    "active": "is_active",
    "publicRead": "public_read",
    "signInRequired": "requires_sign_in",
    "submissionStatus": "submission_status",
    "requirePayment": "requires_payment",
    "priceSatoshis": "price_satoshis",
    "webhookUrl": "webhook_url",
    "webhookSecret": "webhook_secret",
    "successMessage": "success_message",
}
NULLABLE = frozenset({"priceSatoshis"})


class FieldIn(StrictBody):
    name: StrictStr = Field(min_length=1, max_length=200)
    label: StrictStr | None = Field(None, max_length=120)
    type: StrictStr | None = Field(None, max_length=32)
    required: StrictBool = False
    help: StrictStr | None = Field(None, max_length=500)
    placeholder: StrictStr | None = Field(None, max_length=120)
    options: list[StrictStr] | None = Field(None, max_length=100)
    default: StrictStr | StrictBool | StrictInt | float | None = None


class FormPatch(StrictBody):
    name: StrictStr | None = None
    slug: StrictStr | None = None
    description: StrictStr | None = None
    fields: list[FieldIn] | None = Field(None, min_length=1, max_length=MAX_FORM_FIELDS)
    defaultData: dict[str, Any] | None = None
    active: StrictBool | None = None
    publicRead: StrictBool | None = None
    signInRequired: StrictBool | None = None
    submissionStatus: StrictStr | None = None
    workflowTransitionId: StrictStr | None = None
    requirePayment: StrictBool | None = None
    priceSatoshis: StrictInt | None = None
    webhookUrl: StrictStr | None = None
    webhookSecret: StrictStr | None = None
    successMessage: StrictStr | None = None

    def columns(self) -> dict[str, Any]:
        """The columns that the body names; null leaves all but the price as they are."""
        values = self.model_dump(include=self.model_fields_set & COLUMNS.keys())
        return {
            COLUMNS[name]: value
            for name, value in values.items()
            if value is not None or name in NULLABLE
        }


class FormIn(FormPatch):
    name: StrictStr
    slug: StrictStr
    contentType: StrictStr
    fields: list[FieldIn] = Field(min_length=1, max_length=MAX_FORM_FIELDS)


class FieldOut(Schema):
    name: str
    label: str
    type: str
    required: bool
    help: str
    placeholder: str
    options: list[str]
    default: Any = None


class FormOut(Schema):
    id: str
    name: str
    slug: str
    description: str
    contentType: str
    fields: list[FieldOut]
    defaultData: dict[str, Any]
    active: bool
    publicRead: bool
    signInRequired: bool
    submissionStatus: str
    workflowTransitionId: str | None
    requirePayment: bool
    priceSatoshis: int | None
    webhookUrl: str | None
    hasWebhookSecret: bool
    webhookSecret: str | None = None
    successMessage: str
    version: int
    createdAt: str
    updatedAt: str


class FormPage(Schema):
    items: list[FormOut]
    nextCursor: str | None = None


class ContractOut(Schema):
    slug: str
    name: str
    description: str
    fields: list[FieldOut]
    signInRequired: bool
    requirePayment: bool
    priceSatoshis: int | None


def form_out(form: FormDefinition, *, shows_webhook: bool = True) -> dict[str, Any]:
    """A form as members see it. The secret of a new webhook is shown this once.

    ``shows_webhook``: the address often has a credential in it, so readers do not get it.
    """
    secret = {"webhookSecret": form.new_secret} if form.new_secret else {}
    return secret | {
        "id": str(form.pk),
        "name": form.name,
        "slug": form.slug,
        "description": form.description,
        "contentType": form.content_type.slug,
        "fields": form.fields,
        "defaultData": form.default_data,
        "active": form.is_active,
        "publicRead": form.public_read,
        "signInRequired": form.requires_sign_in,
        "submissionStatus": form.submission_status,
        "workflowTransitionId": str(form.transition_id) if form.transition_id else None,
        "requirePayment": form.requires_payment,
        "priceSatoshis": form.price_satoshis,
        "webhookUrl": form.webhook.url if form.webhook and shows_webhook else None,
        "hasWebhookSecret": form.webhook is not None,
        "successMessage": form.success_message,
        "version": form.version,
        "createdAt": iso(form.created_at),
        "updatedAt": iso(form.updated_at),
    }


def contract_out(form: FormDefinition) -> dict[str, Any]:
    """The part of a form that senders know: no content type, default or webhook."""
    return {
        "slug": form.slug,
        "name": form.name,
        "description": form.description,
        "fields": form.fields,
        "signInRequired": form.requires_sign_in,
        "requirePayment": form.requires_payment,
        "priceSatoshis": form.price_satoshis,
    }
