"""Pages on which people buy texts: what is sold, its price, and what was bought."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from clawstore.sales.queries import Price, view_offers
from clawstore.sales.texts import (
    public_part,
    published_items,
    titles_of_texts,
    type_gate,
    whole_text,
)
from foundation.limits.middleware import limited
from foundation.paging import numbered_page
from foundation.refusals import Refusal
from foundation.web.languages import languages_of
from foundation.web.requests import Request
from wordclaw.content.errors import ContentTypeNotFound
from wordclaw.content.items.queries import find_item
from wordclaw.content.lookup import find_type
from wordclaw.content.models import ContentItem, ContentType
from wordclaw.content.paywall import gate_of, hidden_fields
from wordclaw.payments.access.actions import open_for_page
from wordclaw.payments.access.api import page_reader, reader_of
from wordclaw.payments.access.queries import may_read
from wordclaw.payments.offers.queries import has_seller
from wordclaw.payments.providers.mock import MockProvider
from wordclaw.payments.purchases.actions import purchase
from wordclaw.payments.subjects import Gate
from wordclaw.policy.actions import find_domain
from wordclaw.policy.models import Domain

ITEMS_PER_PAGE = 20


@login_required
def order(
    request: Request, domain: Domain, show: Callable[[Request, Refusal], HttpResponse]
) -> HttpResponse:
    """Order the offer of a form, and lead to its invoice.

    ``show`` makes the page of a refusal.
    """
    reader = page_reader(request, request.actor)
    try:
        challenge = purchase(domain, request.POST.get("offer", ""), reader)
    except Refusal as refusal:
        return show(request, refusal)
    assert challenge.entitlement is not None  # noqa: S101 - a purchase has one
    return redirect("account_purchase", challenge.entitlement.pk)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@limited("write")
@limited("read", methods=("GET",))
def sold_item(request: Request, name: str, item_id: str) -> HttpResponse:
    """The price of a text and the part of it that is free; a POST orders it."""
    domain = find_domain(name, request.actor)
    item = find_item(domain, item_id, by=request.actor)
    if request.method == "POST":
        return order(request, domain, partial(_item_page, item))
    return _item_page(item, request)


def _item_page(item: ContentItem, request: Request, refusal: Refusal | None = None) -> HttpResponse:
    languages = languages_of(request)
    content_type = item.content_type
    price = price_of(gate_of(item, request.actor), request)
    is_free = not price.offers
    context = _context(content_type, price, refusal) | {
        "item": item,
        "title": titles_of_texts(content_type, [item], languages)[item.pk],
        "root": (whole_text if is_free else public_part)(item, languages),
        "hidden": sorted(hidden_fields(content_type) or ()),
    }
    status = refusal.status if refusal else 200
    return render(request, "sales/sold_item.html", context, status=status)


def price_of(gate: Gate, request: Request) -> Price:
    """Return the offers for a text and the right of the reader, without using a read."""
    access = may_read(gate, page_reader(request, request.actor))
    is_for_sale = bool(access.offers) and has_seller(access.offers[0].domain)
    return Price(access, view_offers(access.offers), is_for_sale)


def _context(content_type: ContentType, price: Price, refusal: Refusal | None) -> dict[str, Any]:
    return {
        "domain": content_type.domain,
        "content_type": content_type,
        "price": price,
        "refusal": refusal,
        "mock_payments": MockProvider.name == settings.PAYMENT_PROVIDER,
    }


@never_cache
@login_required
@limited("read", methods=("GET",))
@require_safe
def bought_text(request: Request, name: str, item_id: str) -> HttpResponse:
    """All of a text for its buyers; this uses one read."""
    item = find_item(find_domain(name, request.actor), item_id, by=request.actor)
    reader = reader_of(request, request.actor, is_browser=True)
    if not open_for_page(gate_of(item, request.actor), reader).is_allowed:
        return redirect("sold_item", name, item.pk)
    languages = languages_of(request)
    context = {
        "domain": item.content_type.domain,
        "item": item,
        "content_type": item.content_type,
        "title": titles_of_texts(item.content_type, [item], languages)[item.pk],
        "root": whole_text(item, languages),
    }
    return render(request, "sales/bought_text.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@limited("write")
@limited("read", methods=("GET",))
def sold_type(request: Request, name: str, slug: str) -> HttpResponse:
    """All texts of a type, and the price of them together; a POST orders them."""
    content_type = find_type(find_domain(name, request.actor), slug)
    # Texts of a private type have no readers who could buy them.
    if not content_type.is_public:
        raise ContentTypeNotFound
    if request.method == "POST":
        return order(request, content_type.domain, partial(_type_page, content_type))
    return _type_page(content_type, request)


def _type_page(
    content_type: ContentType, request: Request, refusal: Refusal | None = None
) -> HttpResponse:
    pages = Paginator(published_items(content_type), ITEMS_PER_PAGE)
    page = numbered_page(pages, request.GET.get("page"))
    titles = titles_of_texts(content_type, list(page.object_list), languages_of(request))
    price = price_of(type_gate(content_type, request.actor), request)
    context = _context(content_type, price, refusal) | {
        "page": page,
        "texts": titles.items(),
        "title": content_type.name,
    }
    status = refusal.status if refusal else 200
    return render(request, "sales/sold_type.html", context, status=status)
