"""Forms of the studio with a fixed set of fields."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clawstore.studio.editor.languages import Languages, language_name
from foundation.accounts.models import User
from foundation.webhooks.models import URL_LENGTH
from wordclaw.content.models.items import STATUS_LENGTH
from wordclaw.content.models.types import DESCRIPTION_LENGTH, NAME_LENGTH, SLUG_LENGTH
from wordclaw.content.previews.actions import DEFAULT_TTL
from wordclaw.policy.models import MemberRole
from wordclaw.workflow.models import NAME_LENGTH as WORKFLOW_NAME_LENGTH
from wordclaw.workflow.models import REASON_LENGTH, WorkflowTransition
from wordclaw.workflow.rules import MAX_SLA_HOURS

CHANGES = [("publish", _("Publish")), ("unpublish", _("Unpublish")), ("archive", _("Archive"))]
# What an approval does, for the states that readers notice.
TARGETS = {
    "published": _("Publish"),
    "draft": _("Take from readers, as a draft"),
    "archived": _("Archive"),
}
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
        supported_tags = languages.supported_tags if languages else ()
        names = [(tag, language_name(tag)) for tag in supported_tags]
        self.fields["locale"].choices = [("", _("All languages")), *names]  # type: ignore[attr-defined]


class SubmitForm(forms.Form):
    """A submission to a review: by which transition, for which reviewer."""

    transition_id = forms.ChoiceField(label=_("Ask for"))
    assignee = forms.ChoiceField(label=_("Reviewer"), required=False)
    message = forms.CharField(
        label=_("What to look at (optional)"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(
        self, transitions: list[WorkflowTransition], reviewers: list[User], *args: Any
    ) -> None:
        super().__init__(*args)
        targets = [(str(row.pk), TARGETS.get(row.to_state, row.to_state)) for row in transitions]
        people = [(user.username, f"@{user.username}") for user in reviewers]
        self.fields["transition_id"].choices = targets  # type: ignore[attr-defined]
        self.fields["assignee"].choices = [("", _("Any reviewer")), *people]  # type: ignore[attr-defined]


class DecisionForm(forms.Form):
    """The reason of a decision, which a rejection needs."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=REASON_LENGTH,
        required=False,
        help_text=_("Needed to reject. The author reads it."),
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
    )

    def clean(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().clean() or self.cleaned_data
        if self.data.get("do") == "reject" and not fields.get("reason", " ").strip():
            self.add_error("reason", gettext("Write why: a rejection needs a reason."))
        return fields


class FeedbackDecisionForm(DecisionForm):
    """The answer to a person who gave feedback."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        field = self.fields["reason"]
        field.label = _("Answer")
        field.help_text = _("Needed to decline. The person reads it behind their link.")


class WorkflowForm(forms.Form):
    """The plain fields of a workflow."""

    name = forms.CharField(label=_("Name"), max_length=WORKFLOW_NAME_LENGTH, initial=_("Review"))
    sla_hours = forms.IntegerField(
        label=_("Hours to decide (optional)"),
        required=False,
        min_value=1,
        max_value=MAX_SLA_HOURS,
        help_text=_("A review that waits longer is marked, and listed first."),
    )


class TransitionForm(forms.Form):
    """A change of state that a review may allow."""

    from_state = forms.CharField(
        label=_("From"), max_length=STATUS_LENGTH, widget=forms.TextInput(attrs={"class": "mono"})
    )
    to_state = forms.CharField(
        label=_("To"), max_length=STATUS_LENGTH, widget=forms.TextInput(attrs={"class": "mono"})
    )
    required_roles = forms.MultipleChoiceField(
        label=_("Who may submit"),
        required=False,
        choices=[(role, role) for role in ("admin", "editor", "reviewer")],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: whoever may write."),
    )


class WebhookForm(forms.Form):
    """The address and the events of a webhook."""

    url = forms.CharField(
        label=_("Address"),
        max_length=URL_LENGTH,
        help_text=_("An https address of a public host."),
        widget=forms.TextInput(attrs={"class": "mono", "type": "url", "autocapitalize": "none"}),
    )
    events = forms.CharField(
        label=_("Events"),
        max_length=4000,
        help_text=_("One on each line: an event, a group such as version.*, or * for all."),
        widget=forms.Textarea(attrs={"class": "mono", "rows": 4, "autocapitalize": "none"}),
    )
    is_active = forms.BooleanField(label=_("Switched on"), required=False, initial=True)

    def clean_events(self) -> list[str]:
        return str(self.cleaned_data["events"]).split()


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
