"""Forms of the account pages."""

from typing import Any
from uuid import uuid4

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from foundation.access.scopes import declared_scopes
from foundation.actor import Actor
from registry.models import Agent

# Few choices: a date would have to be checked and explained.
LIFETIMES = [
    ("7", _("7 days")),
    ("30", _("30 days")),
    ("90", _("90 days")),
    ("365", _("1 year")),
    ("never", _("No expiry")),
]

PLAIN_INPUT = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}


class KeyForm(forms.Form):
    """A new API key. ``form_id`` distinguishes a double click from a second key."""

    # Made by the server, so that the form also works without JavaScript.
    form_id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    name = forms.CharField(
        label=_("Name"),
        max_length=120,
        help_text=_("Only you see it. For example, where the key is used."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
        error_messages={"required": _("Enter a name.")},
    )
    scopes = forms.MultipleChoiceField(
        label=_("Scopes"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Select at least one scope.")},
    )
    lifetime = forms.ChoiceField(
        label=_("Expires after"),
        choices=LIFETIMES,
        initial="90",
        help_text=_("Shorter is safer."),
    )
    bound_to = forms.ChoiceField(
        label=_("Agents"),
        required=False,
        help_text=_("A key for one agent can't change any other agent, or your profile."),
    )

    def __init__(self, *args: Any, agents: list[Agent], by: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["scopes"].choices = [
            (scope.name, scope.description)
            for scope in declared_scopes().values()
            # A scope without its role would do nothing, and look as if it did.
            if not scope.role or by.has_role(scope.role)
        ]
        agent_choices = [(agent.full_id, agent.full_id) for agent in agents]
        fields["bound_to"].choices = [("", _("all of mine")), *agent_choices]

    @property
    def days(self) -> int | None:
        lifetime = self.cleaned_data["lifetime"]
        return None if lifetime == "never" else int(lifetime)

    def reset_form_id(self) -> None:
        """Keep the input but allow another key: this form has created its own."""
        data: Any = self.data.copy()  # type: ignore[attr-defined]  # Of a POST, which has one.
        data["form_id"] = str(uuid4())
        self.data = data


class TrustedPublisherForm(forms.Form):
    """A workflow that may publish an agent. The action checks what the fields contain."""

    full_id = forms.CharField(
        label=_("Agent"),
        max_length=140,
        help_text=_("It need not exist yet: its first publish creates it."),
        widget=forms.TextInput(attrs=PLAIN_INPUT),
        error_messages={"required": _("Enter the id of an agent.")},
    )
    issuer_url = forms.ChoiceField(label=_("CI system"))
    repository = forms.CharField(
        label=_("Repository"),
        max_length=255,
        help_text=_("Owner and name, such as ada/coach."),
        widget=forms.TextInput(attrs=PLAIN_INPUT),
        error_messages={"required": _("Enter a repository.")},
    )
    workflow = forms.CharField(
        label=_("Workflow file"),
        max_length=255,
        help_text=_("Such as publish.yml in .github/workflows, or .gitlab-ci.yml."),
        widget=forms.TextInput(attrs=PLAIN_INPUT),
        error_messages={"required": _("Enter the name of the file.")},
    )
    refs = forms.CharField(
        label=_("Branches and tags"),
        max_length=500,
        initial="main, refs/tags/v*",
        help_text=_("Runs of other branches get no key. * stands for any characters."),
        widget=forms.TextInput(attrs=PLAIN_INPUT),
        error_messages={"required": _("Enter a branch or a tag.")},
    )
    environment = forms.CharField(
        label=_("Environment (optional)"),
        required=False,
        max_length=255,
        help_text=_(
            "Its protection rules, such as required reviewers, then apply to each publish."
        ),
        widget=forms.TextInput(attrs=PLAIN_INPUT),
    )

    def __init__(self, *args: Any, scope: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        issuers = settings.TRUSTED_ISSUERS
        fields["issuer_url"].choices = [(issuer.url, issuer.label) for issuer in issuers]
        fields["full_id"].initial = f"@{scope}/" if scope else ""


class DeleteForm(forms.Form):
    """Confirms account deletion by typing the login."""

    login = forms.CharField(
        max_length=80,
        widget=forms.TextInput(attrs=PLAIN_INPUT),
        error_messages={"required": _("Enter your login. Nothing was deleted.")},
    )
