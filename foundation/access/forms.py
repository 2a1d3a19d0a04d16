"""The form for the code that a device shows."""

from django import forms
from django.utils.translation import gettext_lazy as _


class UserCodeForm(forms.Form):
    user_code = forms.CharField(
        # Longer than a code, because people type spaces and dashes.
        max_length=32,
        error_messages={"required": _("Enter the code shown on your device.")},
    )
