"""The plain fields of a form definition, as an author fills them in."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clawstore.studio.forms import TARGETS
from foundation.webhooks.models import URL_LENGTH
from wordclaw.content.models.items import STATUS_LENGTH
from wordclaw.content.models.types import SLUG_LENGTH
from wordclaw.forms.models import (
    DESCRIPTION_LENGTH,
    MESSAGE_LENGTH,
    NAME_LENGTH,
    SECRET_LENGTH,
    FormDefinition,
)
from wordclaw.forms.rules import MAX_PRICE
from wordclaw.workflow.models import WorkflowTransition

MONO = {"class": "mono", "autocapitalize": "none", "autocomplete": "off"}
PLAIN_COLUMNS = (
    *("name", "slug", "description", "success_message", "is_active", "public_read"),
    *("requires_sign_in", "submission_status"),
)


class DefinitionForm(forms.Form):
    """All of a definition but its fields."""

    name = forms.CharField(label=_("Name"), max_length=NAME_LENGTH)
    slug = forms.CharField(
        label=_("Slug"),
        max_length=SLUG_LENGTH,
        help_text=_("The end of the form's address: lower-case letters, digits and hyphens."),
        widget=forms.TextInput(attrs=MONO),
    )
    description = forms.CharField(
        label=_("Description"),
        max_length=DESCRIPTION_LENGTH,
        required=False,
        help_text=_("Above the fields: what the form is for, and what happens next."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    success_message = forms.CharField(
        label=_("Text on the receipt"),
        max_length=MESSAGE_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    transition = forms.ChoiceField(label=_("Review"), required=False)
    submission_status = forms.CharField(
        label=_("State of what is sent"),
        max_length=STATUS_LENGTH,
        initial="draft",
        help_text=_("Usually draft. A form never publishes anything."),
        widget=forms.TextInput(attrs=MONO),
    )
    is_active = forms.BooleanField(label=_("Switched on"), required=False, initial=True)
    public_read = forms.BooleanField(
        label=_("Has a public page"),
        required=False,
        initial=True,
        help_text=_("Without it the form takes submissions by API alone."),
    )
    requires_sign_in = forms.BooleanField(label=_("Senders have to sign in"), required=False)
    price = forms.IntegerField(
        label=_("Price in satoshis (optional)"),
        required=False,
        min_value=1,
        max_value=MAX_PRICE,
        help_text=_("Senders pay it by Lightning for each submission. Empty: sending is free."),
    )
    webhook_url = forms.CharField(
        label=_("Webhook (optional)"),
        max_length=URL_LENGTH,
        required=False,
        help_text=_("An https address that is told of each submission."),
        widget=forms.TextInput(attrs=MONO | {"inputmode": "url"}),
    )
    webhook_secret = forms.CharField(
        label=_("Secret of the webhook"),
        max_length=SECRET_LENGTH,
        required=False,
        help_text=_("It signs the messages. Empty: unchanged, or made for a new address."),
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, transitions: list[WorkflowTransition], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        targets = [
            (str(row.pk), f"{row.from_state} → {TARGETS.get(row.to_state, row.to_state)}")
            for row in transitions
        ]
        self.fields["transition"].choices = [("", _("None: members read it")), *targets]  # type: ignore[attr-defined]

    def columns(self) -> dict[str, Any]:
        """Return the columns of a valid form."""
        columns = {name: self.cleaned_data[name] for name in (*PLAIN_COLUMNS, "webhook_url")}
        price = self.cleaned_data["price"]
        columns |= {"requires_payment": price is not None, "price_satoshis": price}
        if self.cleaned_data["webhook_secret"]:
            columns["webhook_secret"] = self.cleaned_data["webhook_secret"]
        return columns


def initial_of(form: FormDefinition) -> dict[str, Any]:
    """Return the values of a definition for its form."""
    values = {name: getattr(form, name) for name in PLAIN_COLUMNS}
    return values | {
        "transition": str(form.transition_id) if form.transition_id else "",
        "price": form.price_satoshis if form.requires_payment else None,
        "webhook_url": form.webhook.url if form.webhook else "",
    }
