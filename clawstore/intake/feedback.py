"""The page behind a link for feedback: the version in question, and a form."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from clawstore.studio.editor.form import DocumentForm
from clawstore.studio.references import name_targets, targets_for_reader
from clawstore.studio.rendering import render_nodes
from clawstore.studio.titles import title_of
from foundation.limits.middleware import caller_network, consume_limit
from foundation.refusals import Conflict, Invalid, Malformed, Refusal, TooMany
from foundation.web.forms import MultilineField, add_refusal
from foundation.web.requests import Request
from wordclaw.content.items.queries import find_version
from wordclaw.feedback.actions import FeedbackText, give_feedback
from wordclaw.feedback.models import COMMENT_LENGTH, ExternalFeedback, FeedbackToken
from wordclaw.feedback.queries import find_token, host_subject

MAX_EVENTS = 20
"""Earlier feedback of the same person that the page shows."""


class FeedbackForm(forms.Form):
    decision = forms.ChoiceField(
        label=_("What do you think?"),
        choices=[
            ("accepted", _("I accept it as it is")),
            ("changes_requested", _("I ask for changes")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Select one of the two.")},
    )
    comment = MultilineField(
        label=_("Comment"),
        max_length=COMMENT_LENGTH,
        required=False,
        help_text=_("What should change, and where?"),
        widget=forms.Textarea(attrs={"rows": 6, "dir": "auto"}),
    )
    prompt = MultilineField(
        label=_("Instruction for the publisher's agent"),
        max_length=COMMENT_LENGTH,
        required=False,
        help_text=_("It makes a new draft from it, which a person reviews."),
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
    )

    def __init__(self, token: FeedbackToken, *args: Any) -> None:
        super().__init__(*args)
        if not token.allows_agent_direct:
            del self.fields["prompt"]

    def text(self) -> FeedbackText:
        fields = self.cleaned_data
        prompt = fields.get("prompt", "")
        mode = "agent_direct" if prompt else ""
        return FeedbackText(fields["decision"], fields["comment"], prompt, mode)

    def clean(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().clean() or self.cleaned_data
        asks = fields.get("decision") == "changes_requested"
        if asks and not fields.get("comment") and not fields.get("prompt"):
            self.add_error("comment", _("Say what should change."))
        return fields


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def feedback(request: Request, token: str) -> HttpResponse:
    """Show the version that a link is about, and take the feedback on it.

    Raises FeedbackTokenInvalid.
    """
    # Each visit renders markdown in the sandbox.
    consume_limit(request, "read", request.actor)
    row = find_token(token)
    is_sent = request.method == "POST"
    form = FeedbackForm(row, request.POST if is_sent else None)
    refusal: Refusal | None = None
    if is_sent and form.is_valid():
        try:
            network = caller_network(request)
            give_feedback(token, form.text(), network=network, by=request.actor)
            return redirect(f"{request.path}#given")
        except (Conflict, Invalid, Malformed, TooMany) as error:
            refusal = add_refusal(form, error)
    context = _context(row) | {"form": form, "token": row}
    status = refusal.status if refusal else 422 if form.errors else 200
    response = render(request, "forms/feedback.html", context, status=status)
    response["X-Robots-Tag"] = "noindex, nofollow"
    # The address is the secret, and would be sent to each host that the text links to. Without any
    # referrer, browsers would send the form with a null origin, which is refused.
    response["Referrer-Policy"] = "same-origin"
    return response


def _context(token: FeedbackToken) -> dict[str, Any]:
    events = ExternalFeedback.objects.filter(token=token).select_related("task")
    context: dict[str, Any] = {
        "events": list(events.order_by("-created_at", "id")[:MAX_EVENTS]),
        "is_used_up": token.max_uses is not None and token.used_count >= token.max_uses,
        "domain": token.domain,
    }
    if token.item is None or token.published_version is None:
        subject = host_subject(token.domain, token.subject_type, token.subject_id)
        is_newer = subject is not None and subject.version != token.subject_version
        return context | {"subject": subject, "is_newer": is_newer, "title": token.subject_id}
    version = find_version(token.item, token.published_version)
    content_type = token.item.content_type
    live = token.item.published_version
    root = DocumentForm(content_type.schema, version.data).node()
    name_targets(root.walk(), targets_for_reader(token.domain))
    render_nodes(root.walk())
    return context | {
        "root": root,
        "version": version,
        "title": title_of(content_type, version.data),
        "is_newer": live is not None and live.version != version.version,
        "is_withdrawn": live is None,
    }
