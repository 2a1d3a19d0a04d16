"""Feedback from outside: what came in, and links for people without an account."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clawstore.studio.doors import StudioRequest, studio_page
from clawstore.studio.frame import frame, item_frame
from foundation.clock import now
from foundation.paging import numbered_page
from foundation.refusals import Conflict, Invalid, NotFound
from foundation.web.forms import add_refusal
from registry.models import Agent
from wordclaw.content.items.queries import get_item
from wordclaw.content.models import ContentItem
from wordclaw.feedback.actions import Submitter, issue_token, revoke_token
from wordclaw.feedback.models import CONTENT_ITEM, NAME_LENGTH, FeedbackToken
from wordclaw.feedback.queries import feedback_of, tokens_of
from wordclaw.policy.actions import authorize
from wordclaw.policy.models import Domain

READ_AND_WRITE = ("GET", "HEAD", "POST")
ROWS_PER_PAGE = 20
MAX_TOKENS_SHOWN = 50
MAX_AGENTS = 200
LIFETIMES = [
    (86_400, gettext_lazy("1 day")),
    (7 * 86_400, gettext_lazy("7 days")),
    (30 * 86_400, gettext_lazy("30 days")),
]


class LinkForm(forms.Form):
    """A link for one person."""

    agent = forms.ChoiceField(label=gettext_lazy("Agent"))
    name = forms.CharField(
        label=gettext_lazy("For whom"),
        max_length=NAME_LENGTH,
        help_text=gettext_lazy("A name or an email address; feedback is listed under it."),
    )
    ttl_seconds = forms.TypedChoiceField(
        label=gettext_lazy("Works for"), choices=LIFETIMES, coerce=int, initial=7 * 86_400
    )
    is_once = forms.BooleanField(label=gettext_lazy("Works once"), required=False)
    allows_agent_direct = forms.BooleanField(
        label=gettext_lazy("May instruct our agent"),
        required=False,
        help_text=gettext_lazy("A prompt of theirs goes to your agent by webhook."),
    )

    def __init__(self, agents: list[str] | None, *args: Any) -> None:
        super().__init__(*args)
        if agents is None:
            del self.fields["agent"]
        else:
            self.fields["agent"].choices = [(name, name) for name in agents]  # type: ignore[attr-defined]


@studio_page(methods=READ_AND_WRITE)
def feedback(request: StudioRequest, domain: Domain) -> HttpResponse:
    """The feedback of a domain, and links for feedback on its agents."""
    agents = Agent.objects.filter(scope=domain.name, is_listed=True).order_by("name")
    names = [
        f"@{domain.name}/{name}" for name in agents.values_list("name", flat=True)[:MAX_AGENTS]
    ]
    return _page(request, domain, None, names)


@studio_page(methods=READ_AND_WRITE)
def item_feedback(request: StudioRequest, domain: Domain, item_id: str) -> HttpResponse:
    """The feedback on an item, and links for it."""
    return _page(request, domain, get_item(domain, item_id), None)


def _page(
    request: StudioRequest, domain: Domain, item: ContentItem | None, agents: list[str] | None
) -> HttpResponse:
    if request.method == "POST":
        # Before the form is read, which for a domain without agents is never valid.
        authorize(request.actor, "content.write", domain, resource_type="external_feedback_token")
    form = LinkForm(agents, request.POST if request.method == "POST" else None)
    link = ""
    if form.is_bound and form.is_valid():
        try:
            link = _make_link(request, domain, item, form.cleaned_data)
        except (Invalid, Conflict) as refusal:
            add_refusal(form, refusal)
        except NotFound as refusal:
            form.add_error(None, refusal.message)
    rows = feedback_of(domain)
    tokens = tokens_of(domain).filter(FeedbackToken.valid(now()))
    context = frame(request, domain, tab="feedback")
    if item is not None:
        context = item_frame(request, item)
        rows = rows.filter(item=item)
        tokens = tokens.filter(item=item)
    page = numbered_page(
        Paginator(rows.order_by("-created_at", "id"), ROWS_PER_PAGE), request.GET.get("page")
    )
    context |= {
        "page": page,
        "tokens": list(tokens.order_by("-created_at", "id")[:MAX_TOKENS_SHOWN]),
        "form": form,
        "link": link,
        "may_ask": item.published_version_id is not None if item else bool(agents),
    }
    template = "studio/item_feedback.html" if item else "studio/feedback.html"
    return render(request, template, context, status=422 if form.errors else 200)


def _make_link(
    request: StudioRequest, domain: Domain, item: ContentItem | None, fields: dict[str, Any]
) -> str:
    name = fields["name"].strip()
    _token, secret = issue_token(
        domain,
        CONTENT_ITEM if item else "agent",
        str(item.pk) if item else fields["agent"],
        submitter=Submitter(
            actor_id=name, display_name=name, email=name if "@" in name[1:] else "", source="studio"
        ),
        ttl_seconds=fields["ttl_seconds"],
        max_uses=1 if fields["is_once"] else None,
        allows_agent_direct=fields["allows_agent_direct"],
        by=request.actor,
    )
    address = reverse("feedback", args=[secret])
    return f"{settings.BASE_URL}{address}"


@studio_page("content.write", methods=("POST",))
def revoke_link(request: StudioRequest, domain: Domain, token_id: str) -> HttpResponse:
    """Revoke a link for feedback."""
    token = revoke_token(domain, str(token_id), by=request.actor)
    messages.success(request, _("The link is revoked."))
    if token.item_id:
        return redirect("studio_item_feedback", domain, token.item_id)
    return redirect("studio_feedback", domain)
