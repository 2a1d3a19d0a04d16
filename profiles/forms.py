"""Who one wants to be, in development."""

from django import forms
from django.utils.translation import gettext_lazy as _

from profiles.rules import may_be_a_scope


class BeAnybodyForm(forms.Form):
    login = forms.CharField(max_length=39)

    def clean_login(self) -> str:
        login: str = self.cleaned_data["login"].lower().lstrip("@")
        if not may_be_a_scope(login):
            raise forms.ValidationError(_("A login has letters, digits and hyphens alone."))
        return login
