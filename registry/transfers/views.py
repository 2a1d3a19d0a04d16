"""Pages on which publishers offer an agent to another scope, and answer an offer."""

from collections.abc import Callable
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from foundation.limits.middleware import limited
from foundation.refusals import Refusal
from foundation.web.forms import form_page
from foundation.web.requests import Request
from registry.agents.moves import NEW_OWNER_PERIOD
from registry.agents.queries import find_agent
from registry.transfers import actions
from registry.transfers.forms import TransferForm
from registry.transfers.queries import find_transfer, open_transfer_of, owned_scopes

ANSWERS: dict[str, Callable[..., object]] = {
    "decline": actions.decline_transfer,
    "cancel": actions.cancel_transfer,
}


@never_cache
@login_required
@limited("transfer")
@require_http_methods(["GET", "HEAD", "POST"])
def transfer(request: Request, scope: str, name: str) -> HttpResponse:
    """Explain what a transfer does; a POST offers the agent to another scope."""
    agent = find_agent(scope, name)
    if agent.scope not in owned_scopes(request.actor.user_id):
        raise Http404
    form = TransferForm(request.POST if request.method == "POST" else None, full_id=agent.full_id)
    refusal: Refusal | None = None
    if request.method == "POST" and form.is_valid():
        try:
            actions.offer_agent(agent, **form.cleaned_data, by=request.actor)
        except Refusal as error:
            refusal = error
        else:
            return redirect("transfer", agent.scope, agent.name)
    context = {
        "agent": agent,
        "form": form,
        "offer": open_transfer_of(agent),
        "refusal": refusal,
        "offer_days": actions.OFFER_LIFETIME.days,
        "notice_days": NEW_OWNER_PERIOD.days,
    }
    return form_page(request, "author/transfer.html", context, refusal)


@never_cache
@login_required
@require_safe
def offer(request: Request, transfer_id: UUID) -> HttpResponse:
    """Show an offer to both sides, with what they can do."""
    offer = find_transfer(transfer_id, request.actor.user_id)
    scopes = owned_scopes(request.actor.user_id)
    context = {
        "offer": offer,
        "may_accept": offer.is_open and offer.to_scope in scopes,
        "may_cancel": offer.is_open and offer.from_scope in scopes,
    }
    return render(request, "author/offer.html", context)


@login_required
@limited("lifecycle")
@require_POST
def answer(request: Request, transfer_id: UUID, answer: str) -> HttpResponse:
    """Accept, decline or cancel an offer."""
    if answer == "accept":
        agent = actions.accept_transfer(transfer_id, by=request.actor)
        return redirect("agent", agent.scope, agent.name)
    if answer not in ANSWERS:
        raise Http404
    ANSWERS[answer](transfer_id, by=request.actor)
    return redirect("offer", transfer_id)
