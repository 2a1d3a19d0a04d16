"""The form on which a user decides what an app may do."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from foundation.access.oauth.provider import AuthorizationRequest


class ConsentForm(forms.Form):
    """The scopes of an app's request. If it names none, only the first is ticked."""

    scopes = forms.MultipleChoiceField(
        label=_("It may"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Select at least one scope, or don't allow access.")},
    )

    def __init__(self, *args: Any, app_request: AuthorizationRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["scopes"]
        field.choices = [(scope.name, scope.description) for scope in app_request.scopes]
        names = [scope.name for scope in app_request.scopes]
        field.initial = names if app_request.names_scopes else names[:1]
