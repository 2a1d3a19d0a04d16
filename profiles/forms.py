"""Forms for the own profile and for signing in during development."""

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from foundation.web.forms import MultilineField
from profiles.models import BIO_LENGTH, LOCATION_LENGTH

# Those of GitHub, with the underscore of managed users: such a login is no scope.
LOGIN_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-_")


class DevelopmentSignInForm(forms.Form):
    login = forms.CharField(max_length=100)

    def clean_login(self) -> str:
        # People type their login as pages show it: with an at sign, in any case.
        login: str = self.cleaned_data["login"].lower().lstrip("@")
        if not LOGIN_CHARACTERS.issuperset(login):
            raise forms.ValidationError(
                _("A login can only contain letters, digits, hyphens and underscores.")
            )
        return login


class ProfileForm(forms.Form):
    """Checks only the shape; the action checks the rules of a profile."""

    display_name = forms.CharField(
        label=_("Display name"),
        max_length=255,
        required=False,
        help_text=_("Shown with your agents and reviews. Leave empty to use your login."),
        widget=forms.TextInput(attrs={"autocomplete": "name", "dir": "auto"}),
    )
    bio = MultilineField(
        label=_("Bio"),
        max_length=BIO_LENGTH,
        required=False,
        help_text=format_lazy(_("Up to {count} characters, plain text."), count=BIO_LENGTH),
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
    )
    # A CharField, because Django's URLField would accept and complete other schemes.
    website = forms.CharField(
        label=_("Website"),
        max_length=2048,
        required=False,
        help_text=_("A full URL, starting with https:// or http://."),
        widget=forms.TextInput(
            attrs={"inputmode": "url", "autocomplete": "url", "autocapitalize": "none"}
        ),
    )
    location = forms.CharField(
        label=_("Location"),
        max_length=LOCATION_LENGTH,
        required=False,
        help_text=format_lazy(_("Up to {count} characters."), count=LOCATION_LENGTH),
        widget=forms.TextInput(attrs={"dir": "auto"}),
    )
