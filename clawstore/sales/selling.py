"""Pages of sellers: the offers of an agent, its sales, and refunds."""

from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from clawstore.sales.actions import sell_agent
from clawstore.sales.forms import OfferForm, RefundForm
from clawstore.sales.queries import offers_of_agent, sales_of_agent, view_offers, view_purchase
from foundation.limits.middleware import limited
from foundation.paging import numbered_page
from foundation.refusals import Refusal
from foundation.web.forms import form_page
from foundation.web.requests import Request
from registry.agents.queries import find_agent
from registry.models import Agent
from wordclaw.payments.errors import EntitlementNotFound
from wordclaw.payments.offers.actions import change_offer, require_payments
from wordclaw.payments.purchases.actions import refund
from wordclaw.payments.revenue.queries import revenue_of
from wordclaw.policy.actions import find_domain
from wordclaw.policy.models import Domain

SALES_PER_PAGE = 50
MAX_OFFERS = 100
"""On one page; the API lists all."""


@never_cache
@login_required
@limited("write")
@require_http_methods(["GET", "HEAD", "POST"])
def agent_sales(request: Request, scope: str, name: str) -> HttpResponse:
    """Offers and sales of an agent; a POST makes an offer."""
    agent, domain = find_own_shop(request, scope, name)
    numbers = list(agent.versions.newest_first().values_list("version", flat=True)[:200])
    form = OfferForm(request.POST if request.method == "POST" else None, numbers=numbers)
    refusal = None
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            sell_agent(
                domain,
                agent,
                version=values["version"],
                amount_satoshis=values["amount"],
                terms=form.policy_terms(),
                by=request.actor,
            )
        except Refusal as error:
            refusal = error
        else:
            return redirect("agent_sales", agent.scope, agent.name)
    return sales_page(request, agent, domain, form, refusal)


def sales_page(
    request: Request, agent: Agent, domain: Domain, form: OfferForm, refusal: Refusal | None
) -> HttpResponse:
    page = numbered_page(Paginator(sales_of_agent(agent), SALES_PER_PAGE), request.GET.get("page"))
    context = {
        "agent": agent,
        "form": form,
        "refusal": refusal,
        "offers": view_offers(offers_of_agent(agent)[:MAX_OFFERS]),
        "page": page,
        # None while the ledger is off.
        "revenue": revenue_of(domain) if settings.EXPERIMENTAL_REVENUE else None,
    }
    return form_page(request, "sales/selling.html", context, refusal)


def find_own_shop(request: Request, scope: str, name: str) -> tuple[Agent, Domain]:
    """Return an agent and its domain, if the user may sell it.

    Raises what `authorize` raises.
    """
    agent = find_agent(scope, name)
    domain = find_domain(agent.scope, request.actor)
    require_payments(domain, request.actor)
    return agent, domain


@login_required
@limited("write")
@require_POST
def switch_offer(request: Request, scope: str, name: str, offer_id: UUID) -> HttpResponse:
    """Stop an offer, or start it again."""
    agent, domain = find_own_shop(request, scope, name)
    is_active = request.POST.get("active") == "yes"
    change_offer(domain, str(offer_id), {"is_active": is_active}, by=request.actor)
    return redirect("agent_sales", agent.scope, agent.name)


@never_cache
@login_required
@limited("write")
@require_http_methods(["GET", "HEAD", "POST"])
def refund_sale(request: Request, scope: str, name: str, entitlement_id: UUID) -> HttpResponse:
    """Ask for the reason of a refund, and end the right of the buyer."""
    agent, domain = find_own_shop(request, scope, name)
    sale = sales_of_agent(agent).filter(pk=entitlement_id).first()
    if sale is None:
        raise EntitlementNotFound
    form = RefundForm(request.POST if request.method == "POST" else None)
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            refund(domain, str(sale.pk), form.cleaned_data["reason"], by=request.actor)
        except Refusal as error:
            refusal = error
        else:
            return redirect("agent_sales", agent.scope, agent.name)
    context = {"agent": agent, "sale": view_purchase(sale), "form": form, "refusal": refusal}
    return form_page(request, "sales/refund.html", context, refusal)
