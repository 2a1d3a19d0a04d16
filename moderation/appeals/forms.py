"""The form of an appeal."""

from django import forms
from django.utils.translation import gettext_lazy as _

from moderation.models import APPEAL_LENGTH


class AppealForm(forms.Form):
    text = forms.CharField(
        max_length=APPEAL_LENGTH,
        strip=False,
        error_messages={"required": _("Explain why the decision is wrong.")},
    )
