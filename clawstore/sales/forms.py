"""Forms of sellers: an offer with its terms, and a refund."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from foundation.web.forms import MultilineField
from wordclaw.payments.models import LicencePolicyVersion, Offer
from wordclaw.payments.models.offers import (
    MAX_READS,
    MAX_SATOSHIS,
    MAX_TTL_SECONDS,
    NAME_LENGTH,
    TERMS_LENGTH,
)
from wordclaw.payments.models.payments import REASON_LENGTH

DAY_SECONDS = 86_400


class TermsForm(forms.Form):
    """A price, and the rights that it gives.

    ``offer`` and ``policy`` are what the form changes; ``reads_words`` says what counts as a read.
    """

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
    reads = forms.IntegerField(label=_("Reads"), required=False, min_value=1, max_value=MAX_READS)
    policy_name = forms.CharField(
        label=_("Name of the policy"),
        max_length=NAME_LENGTH,
        initial=_("Personal use"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
    )
    terms = MultilineField(
        label=_("Terms"),
        required=False,
        max_length=TERMS_LENGTH,
        help_text=_("Optional. Buyers read them before they pay."),
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
    )
    reads_words = _("Optional. One each time a buyer opens it.")

    def __init__(
        self,
        data: Any = None,
        *,
        offer: Offer | None = None,
        policy: LicencePolicyVersion | None = None,
    ) -> None:
        self.policy = policy
        initial = _initial_terms(offer, policy) if offer and policy else None
        super().__init__(data, initial=initial)
        self.fields["reads"].help_text = self.reads_words

    def policy_terms(self) -> dict[str, Any]:
        """The terms as `wordclaw.payments.offers.actions.create_policy` takes them."""
        days = self.cleaned_data["days"]
        seconds = days * DAY_SECONDS if days else None
        if self.policy is not None and "days" not in self.changed_data:
            # The API can make terms of hours, which the form shows as days.
            seconds = self.policy.ttl_seconds
        return {
            "name": self.cleaned_data["policy_name"],
            "max_reads": self.cleaned_data["reads"],
            "ttl_seconds": seconds,
            "terms": self.cleaned_data["terms"],
        }


def _initial_terms(offer: Offer, policy: LicencePolicyVersion) -> dict[str, Any]:
    seconds = policy.ttl_seconds
    return {
        "amount": offer.amount_satoshis,
        "days": -(-seconds // DAY_SECONDS) if seconds else None,
        "reads": policy.max_reads,
        "policy_name": policy.name,
        "terms": policy.terms,
    }


class OfferForm(TermsForm):
    """A price for all versions of an agent or for one, with the rights that it gives."""

    version = forms.ChoiceField(label=_("Sell"), required=False)
    field_order = ("version",)
    reads_words = _("Optional. One for each version and hour in which a buyer opens it.")

    def __init__(self, data: Any = None, *, numbers: list[str]) -> None:
        super().__init__(data)
        choices = [("", _("All versions, later ones too")), *((n, n) for n in numbers)]
        self.fields["version"].choices = choices  # type: ignore[attr-defined]


class RefundForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=REASON_LENGTH,
        help_text=_("The buyer reads it. Send the money yourself: this ends the right alone."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
    )
