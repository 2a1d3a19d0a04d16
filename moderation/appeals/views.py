"""Where an author reads what maintainers decided, and appeals. Who is suspended cannot sign in: a
signed link brings them here, and nowhere else."""

from dataclasses import dataclass, replace
from urllib.parse import quote, urlencode

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from foundation.access.middleware import anonymous_actor
from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.limits.middleware import consume_limit
from foundation.refusals import Refusal
from foundation.web.forms import form_page
from foundation.web.requests import Request
from moderation.actions import post_appeal
from moderation.appeals.forms import AppealForm
from moderation.models import APPEAL_LENGTH
from moderation.queries import appellant_of, decisions_about, one_decision


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who reads, by their session or by a link; ``link`` goes on to the next page."""

    user: User
    by: Actor
    link: str = ""

    def address(self, name: str, **query: str) -> str:
        asked = query | ({"for": self.link} if self.link else {})
        return reverse(name) + (f"?{urlencode(asked)}" if asked else "")


def visitor_of(request: Request) -> Visitor | None:
    """None for who is neither signed in nor has a link that holds."""
    link = request.GET.get("for", "")
    if not link:
        user_id = request.actor.user_id
        user = User.objects.filter(pk=user_id).first() if user_id else None
        return Visitor(user, request.actor) if user else None
    user = appellant_of(link)
    by = replace(anonymous_actor(request, door="link"), user=user)
    return Visitor(user, by, link) if user else None


def to_sign_in(request: Request) -> HttpResponse:
    back = request.get_full_path() if "for" not in request.GET else reverse("appeals")
    return HttpResponseRedirect(f"{reverse('account_login')}?next={quote(back)}")


@never_cache
@require_safe
def suspended(request: Request) -> HttpResponse:
    """Where signing in leads who is suspended: why, since when, and what they can do."""
    visitor = visitor_of(request)
    suspension = visitor and visitor.user.suspensions.filter(lifted_at=None).first()
    if visitor is None:
        return to_sign_in(request)
    if suspension is None:
        # Signed in, so signing in again would only lead back here.
        return HttpResponseRedirect(visitor.address("appeals"))
    decisions = decisions_about(visitor.user)
    own = [d for d in decisions if d.event.action == "account.suspended" and d.in_force]
    context = {
        "suspension": suspension,
        "decision": own[0] if own else None,
        "visitor": visitor,
        "appeals_at": visitor.address("appeals"),
        "hide_sign_in": True,
    }
    return render(request, "moderation/suspended.html", context)


@never_cache
@require_safe
def appeals(request: Request) -> HttpResponse:
    """Every decision about the visitor and their agents, and what became of the appeals."""
    visitor = visitor_of(request)
    if visitor is None:
        return to_sign_in(request)
    context = {
        "decisions": decisions_about(visitor.user),
        "visitor": visitor,
        "sent": "sent" in request.GET,
    }
    return render(request, "moderation/appeals.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new_appeal(request: Request) -> HttpResponse:
    """Appeal against one decision; what was typed stays when it is refused."""
    visitor = visitor_of(request)
    if visitor is None:
        return to_sign_in(request)
    decision = one_decision(request.GET.get("decision", ""), visitor.user)
    if decision is None:
        raise Http404
    form = AppealForm(request.POST if request.method == "POST" else None)
    context = {"form": form, "decision": decision, "visitor": visitor, "most": APPEAL_LENGTH}
    if request.method != "POST":
        return render(request, "moderation/new_appeal.html", context)
    refusal = None
    if form.is_valid():
        try:
            # Counted by person, and only what could be sent: nobody else uses up their word.
            consume_limit(request, "appeal", visitor.by)
            post_appeal(decision.event.pk, text=form.cleaned_data["text"], by=visitor.by)
            return HttpResponseRedirect(visitor.address("appeals", sent="yes"))
        except Refusal as error:
            refusal = error
            form.add_error("text" if "errors" in refusal.details else None, refusal.message)
    return form_page(request, "moderation/new_appeal.html", context, refusal)
