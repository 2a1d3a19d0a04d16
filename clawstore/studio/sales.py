"""Pages of sellers: offers on items and types, sales, and refunds."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from clawstore.sales.actions import change_terms, sell
from clawstore.sales.forms import RefundForm, TermsForm
from clawstore.sales.queries import (
    SaleView,
    SoldThing,
    of_subject,
    offers_on,
    sales_of,
    thing_of,
    view_offers,
    view_sales,
)
from clawstore.sales.selling import MAX_OFFERS, SALES_PER_PAGE
from clawstore.studio.doors import StudioRequest, studio_page
from clawstore.studio.frame import frame, item_frame
from clawstore.studio.sold_things import things_of
from foundation.paging import numbered_page
from foundation.refusals import Refusal
from foundation.web.forms import form_page
from wordclaw.content.items.queries import get_item
from wordclaw.content.lookup import find_type
from wordclaw.content.models import ContentType
from wordclaw.content.paywall import ITEM, TYPE, hidden_fields
from wordclaw.payments.errors import EntitlementNotFound
from wordclaw.payments.models import Entitlement
from wordclaw.payments.offers.actions import change_offer
from wordclaw.payments.offers.queries import WRITE, find_offer, newest_version, offers_of_subjects
from wordclaw.payments.purchases.actions import refund
from wordclaw.payments.revenue.queries import revenue_of
from wordclaw.payments.subjects import SubjectKey, subject_types
from wordclaw.policy.models import Domain

READ_AND_WRITE = ("GET", "HEAD", "POST")
MAX_READS_SHOWN = 100


@studio_page(WRITE)
def sales(request: StudioRequest, domain: Domain) -> HttpResponse:
    """All offers and sales of a domain, and its balance while the ledger is on."""
    offers = list(offers_on(domain.name, Q())[:MAX_OFFERS])
    page = _page_of_sales(request, domain, Q())
    rows = list(page.object_list)
    things = things_of(domain, [*offers, *(row.offer for row in rows)])
    context = frame(request, domain, tab="sales") | {
        "offers": view_offers(offers, things),
        "page": page,
        "sales": view_sales(rows, things),
        # None while the ledger is off.
        "revenue": revenue_of(domain) if settings.EXPERIMENTAL_REVENUE else None,
    }
    return render(request, "studio/sales.html", context)


@studio_page(WRITE, methods=READ_AND_WRITE, keeps_text=True)
def item_sales(request: StudioRequest, domain: Domain, item_id: str) -> HttpResponse:
    """Offers and sales of an item; a POST makes an offer."""
    item = get_item(domain, item_id)
    type_key = (TYPE, item.content_type.slug)
    context = item_frame(request, item) | {
        # An item of a sold type has a price without an offer of its own.
        "type_offer": offers_of_subjects([type_key], domain_name=domain.name).get(type_key)
    }
    return _subject_sales(request, item.content_type, (ITEM, str(item.pk)), context)


@studio_page(WRITE, methods=READ_AND_WRITE, keeps_text=True)
def type_sales(request: StudioRequest, domain: Domain, slug: str) -> HttpResponse:
    """Offers and sales of a content type; a POST offers all of its items."""
    content_type = find_type(domain, slug)
    context = frame(request, domain, tab="content") | {
        "content_type": content_type,
        "title": content_type.name,
    }
    return _subject_sales(request, content_type, (TYPE, content_type.slug), context)


def _subject_sales(
    request: StudioRequest,
    content_type: ContentType,
    subject: SubjectKey,
    context: dict[str, Any],
) -> HttpResponse:
    domain = content_type.domain
    form = TermsForm(request.POST if request.method == "POST" else None)
    refusal = None
    if form.is_bound and _is_sendable(request, form):
        try:
            sell(
                domain,
                subject,
                amount_satoshis=form.cleaned_data["amount"],
                terms=form.policy_terms(),
                by=request.actor,
            )
        except Refusal as error:
            refusal = error
        else:
            messages.success(request, _("It is on sale now."))
            return redirect(request.path)
    offers = list(offers_on(domain.name, of_subject(subject))[:MAX_OFFERS])
    page = _page_of_sales(request, domain, of_subject(subject))
    things = {subject: SoldThing(context["title"], request.path)}
    context |= {
        "form": form,
        "refusal": refusal,
        "offers": view_offers(offers, things),
        "page": page,
        "sales": view_sales(page.object_list, things),
        "hidden": _names(hidden_fields(content_type)),
    }
    template = "studio/item_sales.html" if subject[0] == ITEM else "studio/type_sales.html"
    return form_page(request, template, context, refusal)


def _page_of_sales(request: StudioRequest, domain: Domain, of: Q) -> Page[Entitlement]:
    pages = Paginator(sales_of(domain.name, of), SALES_PER_PAGE)
    return numbered_page(pages, request.GET.get("page"))


def _names(fields: frozenset[str] | None) -> list[str] | None:
    return None if fields is None else sorted(fields)


def _is_sendable(request: StudioRequest, form: TermsForm | RefundForm) -> bool:
    """Whether a form may be saved; that of an earlier session is shown again."""
    if not request.is_verified:
        form.add_error(None, _("Your session has changed. Check the form and send it again."))
    return form.is_valid()


@studio_page(WRITE, methods=READ_AND_WRITE, keeps_text=True)
def offer(request: StudioRequest, domain: Domain, offer_id: str) -> HttpResponse:
    """Change an offer and its terms, stop it, or start it again."""
    row = find_offer(domain, str(offer_id))
    policy = newest_version(row.policy_id)
    thing = thing_of(row, things_of(domain, [row]))
    step = request.POST.get("do", "")
    form = TermsForm(request.POST if step == "save" else None, offer=row, policy=policy)
    refusal = None
    try:
        if step in ("start", "stop") and request.is_verified:
            change_offer(domain, str(row.pk), {"is_active": step == "start"}, by=request.actor)
            return redirect(thing.page) if thing.page else redirect("studio_sales", domain)
        if form.is_bound and _is_sendable(request, form):
            amount, terms = form.cleaned_data["amount"], form.policy_terms()
            change_terms(domain, row, amount_satoshis=amount, terms=terms, by=request.actor)
            messages.success(request, _("Saved. What was sold before keeps its terms."))
            return redirect("studio_offer", domain, row.pk)
    except Refusal as error:
        refusal = error
    kind = subject_types().get(row.subject_type)
    context = frame(request, domain, tab="sales") | {
        "offer": view_offers([row], {(row.subject_type, row.subject_id): thing})[0],
        "form": form,
        "refusal": refusal,
        "has_own_price": kind is not None and kind.has_own_price,
        # A policy can be that of several offers, which the API makes.
        "shared_count": row.policy.offers.exclude(pk=row.pk).count(),
    }
    return form_page(request, "studio/offer.html", context, refusal)


@studio_page(WRITE, methods=READ_AND_WRITE, keeps_text=True)
def sale(request: StudioRequest, domain: Domain, entitlement_id: str) -> HttpResponse:
    """One sale with its reads; a POST refunds it for a reason."""
    row = sales_of(domain.name, Q()).filter(pk=entitlement_id).first()
    if row is None:
        raise EntitlementNotFound
    form = RefundForm(request.POST if request.method == "POST" else None)
    refusal = None
    if form.is_bound and _is_sendable(request, form):
        try:
            refund(domain, str(row.pk), form.cleaned_data["reason"], by=request.actor)
            messages.success(request, _("The right of the buyer has ended. Pay the money back."))
            return redirect("studio_sale", domain, row.pk)
        except Refusal as error:
            refusal = error
    context = frame(request, domain, tab="sales") | {
        "view": _view_sale(domain, row),
        "reads": row.reads.order_by("-created_at")[:MAX_READS_SHOWN],
        "form": form,
        "refusal": refusal,
    }
    return form_page(request, "studio/sale.html", context, refusal)


def _view_sale(domain: Domain, row: Entitlement) -> SaleView:
    return view_sales([row], things_of(domain, [row.offer]))[0]
