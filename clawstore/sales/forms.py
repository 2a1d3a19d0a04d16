"""Forms of sellers: a new offer on an agent, and a refund."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from wordclaw.payments.models.offers import (
    MAX_READS,
    MAX_SATOSHIS,
    MAX_TTL_SECONDS,
    NAME_LENGTH,
    TERMS_LENGTH,
)
from wordclaw.payments.models.payments import REASON_LENGTH

DAY_SECONDS = 86_400


class OfferForm(forms.Form):
    """A price for all versions of an agent or for one, with the rights that it gives."""

    version = forms.ChoiceField(label=_("Sell"), required=False)
    amount = forms.IntegerField(
        label=_("Price in satoshis"), min_value=1, max_value=MAX_SATOSHIS, required=True
    )
    days = forms.IntegerField(
        label=_("Valid for days"),
        required=False,
        min_value=1,
        max_value=MAX_TTL_SECONDS // DAY_SECONDS,
        help_text=_("Optional. Leave empty for no end."),
    )
    reads = forms.IntegerField(
        label=_("Reads"),
        required=False,
        min_value=1,
        max_value=MAX_READS,
        help_text=_("Optional. One for each version and hour in which a buyer opens it."),
    )
    policy_name = forms.CharField(
        label=_("Name of the policy"),
        max_length=NAME_LENGTH,
        initial=_("Personal use"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
    )
    terms = forms.CharField(
        label=_("Terms"),
        required=False,
        max_length=TERMS_LENGTH,
        help_text=_("Optional. Buyers read them before they pay."),
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
    )

    def __init__(self, data: Any = None, *, numbers: list[str]) -> None:
        super().__init__(data)
        choices = [("", _("All versions, later ones too")), *((n, n) for n in numbers)]
        self.fields["version"].choices = choices  # type: ignore[attr-defined]

    def policy_terms(self) -> dict[str, Any]:
        """The terms as `wordclaw.payments.offers.actions.create_policy` takes them."""
        days = self.cleaned_data["days"]
        return {
            "name": self.cleaned_data["policy_name"],
            "max_reads": self.cleaned_data["reads"],
            "ttl_seconds": days * DAY_SECONDS if days else None,
            "terms": self.cleaned_data["terms"],
        }


class RefundForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=REASON_LENGTH,
        help_text=_("The buyer reads it. Send the money yourself: this ends the right alone."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
    )
