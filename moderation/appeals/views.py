"""Pages with decisions about an author, and the appeal form.

A suspended user cannot sign in and reaches these pages, and no others, with a signed link.
"""

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
from foundation.web.htmx import redirect_to
from foundation.web.requests import Request
from moderation.actions import post_appeal
from moderation.appeals.forms import AppealForm
from moderation.models import APPEAL_LENGTH
from moderation.queries import appellant_of, decision_about, decisions_about


@dataclass(frozen=True, slots=True)
class Appellant:
    """The reader, by session or signed link; ``link`` is passed on to the next page."""

    user: User
    by: Actor
    link: str = ""

    def address(self, name: str, **query: str) -> str:
        parameters = query | ({"for": self.link} if self.link else {})
        return reverse(name) + (f"?{urlencode(parameters)}" if parameters else "")


def appellant_from(request: Request) -> Appellant | None:
    """The appellant, or None without a session and without a valid link."""
    link = request.GET.get("for", "")
    if not link:
        user_id = request.actor.user_id
        user = User.objects.filter(pk=user_id).first() if user_id else None
        return Appellant(user, request.actor) if user else None
    user = appellant_of(link)
    # An actor without a session, so that the link gives access to appeals only.
    by = replace(anonymous_actor(request, door="link"), user=user)
    return Appellant(user, by, link) if user else None


def to_sign_in(request: Request) -> HttpResponse:
    back = request.get_full_path() if "for" not in request.GET else reverse("appeals")
    return HttpResponseRedirect(f"{reverse('account_login')}?next={quote(back)}")


@never_cache
@require_safe
def suspended(request: Request) -> HttpResponse:
    """The page that a suspended user sees instead of signing in."""
    visitor = appellant_from(request)
    suspension = visitor and visitor.user.suspensions.filter(lifted_at=None).first()
    if visitor is None:
        return to_sign_in(request)
    if suspension is None:
        # The user is signed in, so the sign-in page would redirect back to this one.
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
    """All decisions about the reader and their agents, with appeals."""
    visitor = appellant_from(request)
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
    """The appeal form; a refused form keeps its text."""
    visitor = appellant_from(request)
    if visitor is None:
        return to_sign_in(request)
    decision = decision_about(request.GET.get("decision", ""), visitor.user)
    if decision is None:
        raise Http404
    form = AppealForm(request.POST if request.method == "POST" else None)
    context = {
        "form": form,
        "decision": decision,
        "visitor": visitor,
        "most": APPEAL_LENGTH,
        "address": request.get_full_path(),
    }
    if request.method != "POST":
        return render(request, "moderation/new_appeal.html", context)
    refusal = None
    if form.is_valid():
        try:
            # Counted per person and only for valid forms, so other people cannot use up the limit.
            consume_limit(request, "appeal", visitor.by)
            post_appeal(decision.event.pk, text=form.cleaned_data["text"], by=visitor.by)
            return redirect_to(request, visitor.address("appeals", sent="yes"))
        except Refusal as error:
            refusal = error
            form.add_error("text" if "errors" in refusal.details else None, refusal.message)
    return form_page(request, "moderation/new_appeal.html", context, refusal)
