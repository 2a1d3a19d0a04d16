"""Pages of buyers: the price of an agent, an invoice, and the own purchases."""

from functools import partial
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from clawstore.sales.buying import order
from clawstore.sales.install_links import LINK_SECONDS
from clawstore.sales.queries import PurchaseView, find_price, view_purchase, view_purchases
from foundation.limits.middleware import limited
from foundation.paging import numbered_page
from foundation.refusals import Refusal
from foundation.web.languages import languages_of
from foundation.web.requests import Request
from registry.agents.addresses import redirect_to_lowercase
from registry.agents.detail import get_header
from registry.agents.queries import find_visible_agent
from wordclaw.payments.access.api import page_reader
from wordclaw.payments.providers.mock import MockProvider
from wordclaw.payments.purchases.queries import find_own_entitlement, own_entitlements
from wordclaw.payments.settlement.reconciling import refresh_payment
from wordclaw.policy.actions import find_domain

PURCHASES_PER_PAGE = 20


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@limited("write")
@redirect_to_lowercase
def buy(request: Request, scope: str, name: str, version: str) -> HttpResponse:
    """The price and the terms of a version; a POST orders and shows the invoice."""
    show = partial(_price_page, scope=scope, name=name, version=version)
    if request.method == "POST":
        return order(request, find_domain(scope, request.actor), show)
    return show(request)


def _price_page(
    request: Request, refusal: Refusal | None = None, *, scope: str, name: str, version: str
) -> HttpResponse:
    header = get_header(find_visible_agent(scope, name, by=request.actor), version)
    context = {
        "header": header,
        "is_pinned": True,
        "tab": "",
        "price": find_price(header.agent, version, page_reader(request, request.actor)),
        "refusal": refusal,
        "mock_payments": MockProvider.name == settings.PAYMENT_PROVIDER,
    }
    return render(request, "sales/buy.html", context, status=refusal.status if refusal else 200)


@never_cache
@login_required
@require_safe
def purchases(request: Request) -> HttpResponse:
    rows = own_entitlements(request.actor).order_by("-created_at", "id")
    page = numbered_page(Paginator(rows, PURCHASES_PER_PAGE), request.GET.get("page"))
    context = {"page": page, "purchases": view_purchases(page.object_list, languages_of(request))}
    return render(request, "sales/purchases.html", context)


@never_cache
@login_required
@require_safe
def purchase_page(request: Request, entitlement_id: UUID) -> HttpResponse:
    """An invoice that waits for its payment, or a receipt with what was bought.

    The page asks the provider and loads itself again until the payment has come.
    """
    row = find_own_entitlement(str(entitlement_id), request.actor)
    refresh_payment(row.payment)
    return render(request, "sales/purchase.html", purchase_context(request, entitlement_id))


def purchase_context(request: Request, entitlement_id: UUID) -> dict[str, object]:
    view: PurchaseView = view_purchase(
        find_own_entitlement(str(entitlement_id), request.actor), languages_of(request)
    )
    return {"purchase": view, "link_minutes": LINK_SECONDS // 60}
