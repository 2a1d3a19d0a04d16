"""Forms of the studio with a fixed set of fields."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clawstore.studio.editor.languages import Languages, language_name
from wordclaw.content.models.types import DESCRIPTION_LENGTH, NAME_LENGTH, SLUG_LENGTH
from wordclaw.content.previews.actions import DEFAULT_TTL
from wordclaw.policy.models import MemberRole

CHANGES = [("publish", _("Publish")), ("unpublish", _("Unpublish")), ("archive", _("Archive"))]
LIFETIMES = [(300, _("5 minutes")), (900, _("15 minutes")), (3600, _("1 hour"))]
ROLES = [
    (MemberRole.ADMIN.value, _("Admin: content, content types and members")),
    (MemberRole.EDITOR.value, _("Editor: writes and publishes content")),
    (MemberRole.REVIEWER.value, _("Reviewer: reads drafts and reviews them")),
    (MemberRole.READER.value, _("Reader: reads drafts")),
]


class ScheduleForm(forms.Form):
    action = forms.ChoiceField(label=_("Change"), choices=CHANGES)
    run_at = forms.DateTimeField(
        label=_("Time (UTC)"),
        help_text=_("A time that has passed means at once."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        # Browsers send the first two; a browser without this control shows a plain text field.
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
        error_messages={"invalid": _("Enter a time, such as 2026-12-01 12:00.")},
    )


class PreviewForm(forms.Form):
    ttl_seconds = forms.TypedChoiceField(
        label=_("Works for"), choices=LIFETIMES, coerce=int, initial=DEFAULT_TTL
    )
    locale = forms.TypedChoiceField(
        label=_("Language"), required=False, coerce=lambda text: text or None, empty_value=None
    )

    def __init__(self, languages: Languages | None, *args: Any) -> None:
        super().__init__(*args)
        supported = languages.supported if languages else ()
        names = [(tag, language_name(tag)) for tag in supported]
        self.fields["locale"].choices = [("", _("All languages")), *names]  # type: ignore[attr-defined]


class InvitationForm(forms.Form):
    login = forms.CharField(
        label=_("Login"),
        max_length=64,
        help_text=_("The GitHub login of a person who has signed in here."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )
    role = forms.ChoiceField(label=_("Role"), choices=ROLES, initial=MemberRole.EDITOR.value)


class TypeForm(forms.Form):
    """The plain fields of a content type."""

    name = forms.CharField(label=_("Name"), max_length=NAME_LENGTH)
    slug = forms.CharField(
        label=_("Slug"),
        max_length=SLUG_LENGTH,
        required=False,
        help_text=_("The name in addresses and in the API; empty: made from the name."),
        widget=forms.TextInput(attrs={"class": "mono", "autocapitalize": "none"}),
    )
    description = forms.CharField(
        label=_("Description"),
        max_length=DESCRIPTION_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    languages = forms.CharField(
        label=_("Languages"),
        max_length=400,
        required=False,
        help_text=_(
            "Such as en, nl: the first is the default. Empty: the content has one language."
        ),
        widget=forms.TextInput(attrs={"class": "mono", "autocapitalize": "none"}),
    )
    kind = forms.ChoiceField(
        label=_("Items"),
        choices=[
            ("collection", _("Many items, such as guides")),
            ("singleton", _("One document, such as a home page")),
        ],
    )
    visibility = forms.ChoiceField(
        label=_("Readers"),
        choices=[
            ("private", _("Members only")),
            ("public", _("Anyone, once an item is published")),
        ],
    )
