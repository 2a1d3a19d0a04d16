"""Forms of the author's pages."""

from django import forms
from django.utils.translation import gettext_lazy as _

from registry.models import Channel
from registry.rules.lengths import REASON_LENGTH


class UploadForm(forms.Form):
    """The channel. The files of the form are read by the upload handler."""

    channel = forms.ChoiceField(
        label=_("Channel"),
        required=False,
        choices=[("", _("Automatic")), (Channel.OFFICIAL, _("Official"))],
    )


class YankForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Public: shown on the page of this version. Say what to use instead."),
        error_messages={"required": _("Enter a reason.")},
    )
