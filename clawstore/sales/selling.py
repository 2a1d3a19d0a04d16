"""The page on which a publisher sells an agent.

Its offers and sales are changed on the pages of the studio (`clawstore.studio.sales`).
"""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from clawstore.sales.actions import sell_agent
from clawstore.sales.forms import OfferForm
from clawstore.sales.queries import of_agent, offers_on, sales_of, view_offers, view_sales
from foundation.limits.middleware import limited
from foundation.paging import numbered_page
from foundation.refusals import Refusal
from foundation.web.forms import form_page
from foundation.web.requests import Request
from registry.agents.queries import find_agent
from registry.models import Agent
from wordclaw.payments.offers.actions import require_payments
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
    agent, domain = find_agent_to_sell(request, scope, name)
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
    sales = Paginator(sales_of(domain.name, of_agent(agent)), SALES_PER_PAGE)
    page = numbered_page(sales, request.GET.get("page"))
    context = {
        "agent": agent,
        "form": form,
        "refusal": refusal,
        "offers": view_offers(offers_on(domain.name, of_agent(agent))[:MAX_OFFERS]),
        "page": page,
        "sales": view_sales(page.object_list, {}),
        # None while the ledger is off.
        "revenue": revenue_of(domain) if settings.EXPERIMENTAL_REVENUE else None,
    }
    return form_page(request, "sales/selling.html", context, refusal)


def find_agent_to_sell(request: Request, scope: str, name: str) -> tuple[Agent, Domain]:
    """Return an agent and its domain, if the user may sell it.

    Raises what `authorize` raises.
    """
    agent = find_agent(scope, name)
    domain = find_domain(agent.scope, request.actor)
    require_payments(domain, request.actor)
    return agent, domain
