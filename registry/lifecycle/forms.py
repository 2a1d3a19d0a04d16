"""Forms of the page on which publishers deprecate and archive their agents."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from registry.rules.lengths import REASON_LENGTH


class DeprecationForm(forms.Form):
    """A reason and a successor; a chosen version deprecates that version alone."""

    version = forms.ChoiceField(label=_("What is deprecated"), required=False)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
        help_text=_("Public: shown on the page of the agent or version, and to its followers."),
        error_messages={"required": _("Enter a reason.")},
    )
    successor = forms.CharField(
        label=_("Successor"),
        required=False,
        max_length=130,
        help_text=_("Optional. The agent to use instead, such as @scope/name."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if values.get("version") and values.get("successor"):
            self.add_error("successor", _("Only the agent as a whole has a successor."))
        return values

    def __init__(self, data: object = None, *, numbers: list[str]) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        choices = [("", _("The agent, with all its versions")), *((n, n) for n in numbers)]
        self.fields["version"].choices = choices  # type: ignore[attr-defined]
