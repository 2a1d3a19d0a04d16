"""The form with which publishers offer an agent to another scope."""

from django import forms
from django.utils.translation import gettext_lazy as _


class TransferForm(forms.Form):
    """A scope, and the id of the agent, typed to confirm."""

    to = forms.CharField(
        label=_("New scope"),
        max_length=65,
        help_text=_("The scope that gets the agent, such as @grace."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("Enter a scope.")},
    )
    confirmation = forms.CharField(
        label=_("Confirm"),
        max_length=130,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("Type the id of the agent.")},
    )

    def __init__(self, data: object = None, *, full_id: str) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        self.fields["confirmation"].help_text = _("Type %(id)s to confirm.") % {"id": full_id}
