"""JSON endpoints of purchases, entitlements, sales and refunds."""

from django.http import HttpRequest, HttpResponse
from ninja import Router

from foundation.access.api import signed_in
from foundation.paging import Ordering, Sort, fetch_page, read_limit
from foundation.web.responses import json_response
from wordclaw.payments.access.api import reader_of
from wordclaw.payments.offers.actions import require_payments
from wordclaw.payments.purchases import actions
from wordclaw.payments.purchases.queries import (
    entitlements_of,
    find_own_entitlement,
    find_own_payment,
    own_entitlements,
)
from wordclaw.payments.purchases.schemas import (
    ConfirmationIn,
    ConfirmationOut,
    EntitlementOut,
    EntitlementPage,
    PaymentOut,
    RefundIn,
    entitlement_out,
    payment_out,
)
from wordclaw.policy.actions import find_domain
from wordclaw.requests.api import (
    READ,
    WRITE,
    Answer,
    actor_of,
    cursor_errors,
    is_dry_run,
    mark_purchase,
    page_response,
    write,
)

router = Router(tags=["payments"])
NEWEST_FIRST: Ordering = (Sort("created_at", descending=True), Sort("id"))


@router.post(
    "/domains/{domain}/offers/{offer_id}/purchase",
    auth=signed_in,
    throttle=WRITE,
    summary="Buy what is offered",
    openapi_extra={"responses": {402: {"description": "An invoice and a token"}}},
)
def purchase(request: HttpRequest, domain: str, offer_id: str) -> HttpResponse:
    """Answers 402 with an invoice, and an entitlement that waits for its payment.

    Pay the invoice with a Lightning wallet, then confirm the payment with its preimage; without
    that, the provider is asked within a minute. Each request is a purchase of its own.
    """
    by = actor_of(request)
    tenant = find_domain(domain, by)
    if is_dry_run(request):
        offer = actions.check_purchase(tenant, offer_id, by=by)
        wish = {"offerId": str(offer.pk), "amountSatoshis": offer.amount_satoshis}
        return json_response(wish | {"entitlementId": None, "paymentHash": None, "dryRun": True})
    mark_purchase(request)
    # Not one transaction with its answer: the provider is asked in between.
    raise actions.purchase(tenant, offer_id, reader_of(request, by)).refusal()


@router.post(
    "/payments/{payment_hash}/confirm",
    auth=signed_in,
    throttle=WRITE,
    response=ConfirmationOut,
    summary="Confirm your own payment with its preimage",
)
@write
def confirm(request: HttpRequest, payment_hash: str, body: ConfirmationIn) -> Answer:
    """The preimage is your wallet's proof of the payment: 64 hexadecimal digits.

    Its SHA-256 is the payment hash. A wrong one answers 402 with the same invoice; repeating a
    right one changes nothing.
    """
    entitlement = actions.confirm_payment(payment_hash, body.preimage, by=actor_of(request))
    return Answer(
        {
            "payment": payment_out(entitlement.payment),
            "entitlement": entitlement_out(entitlement),
        }
    )


@router.get(
    "/payments/{payment_hash}",
    auth=signed_in,
    throttle=READ,
    response=PaymentOut,
    summary="Your own payment",
)
def read_payment(request: HttpRequest, payment_hash: str) -> HttpResponse:
    """Its `status` is pending, paid, consumed, expired or failed."""
    return json_response(payment_out(find_own_payment(payment_hash, actor_of(request))))


@router.get(
    "/entitlements",
    auth=signed_in,
    throttle=READ,
    response=EntitlementPage,
    summary="Your own entitlements, newest first",
)
@cursor_errors
def list_entitlements(
    request: HttpRequest, limit: str | None = None, cursor: str | None = None
) -> HttpResponse:
    """Their `status`: pending_payment, active, exhausted, expired or revoked.

    `remainingReads` and `expiresAt` are null without a limit. Name one of several for the same
    subject in the header `X-Entitlement-Id`.
    """
    rows = own_entitlements(actor_of(request))
    page = fetch_page(
        rows, NEWEST_FIRST, limit=read_limit(limit), cursor=cursor, name="entitlements"
    )
    return page_response([entitlement_out(row) for row in page.items], page.next_cursor)


@router.get(
    "/entitlements/{entitlement_id}",
    auth=signed_in,
    throttle=READ,
    response=EntitlementOut,
    summary="One of your entitlements",
)
def read_entitlement(request: HttpRequest, entitlement_id: str) -> HttpResponse:
    by = actor_of(request)
    return json_response(entitlement_out(find_own_entitlement(entitlement_id, by)))


@router.get(
    "/domains/{domain}/entitlements",
    auth=signed_in,
    throttle=READ,
    response=EntitlementPage,
    summary="What a domain sold, newest first",
)
@cursor_errors
def list_sales(
    request: HttpRequest, domain: str, limit: str | None = None, cursor: str | None = None
) -> HttpResponse:
    """With the login of each `buyer`; null without an account."""
    by = actor_of(request)
    tenant = find_domain(domain, by)
    require_payments(tenant, by, resource_type="entitlement")
    page = fetch_page(
        entitlements_of(tenant), NEWEST_FIRST, limit=read_limit(limit), cursor=cursor, name="sales"
    )
    rows = [entitlement_out(row, with_buyer=True) for row in page.items]
    return page_response(rows, page.next_cursor)


@router.post(
    "/domains/{domain}/entitlements/{entitlement_id}/refund",
    auth=signed_in,
    throttle=WRITE,
    response=EntitlementOut,
    summary="Revoke an entitlement whose price you pay back",
)
@write
def refund(request: HttpRequest, domain: str, entitlement_id: str, body: RefundIn) -> Answer:
    """Ends the right, with a reason that the buyer reads.

    It moves no money: send that yourself.
    """
    by = actor_of(request)
    entitlement = actions.refund(find_domain(domain, by), entitlement_id, body.reason, by=by)
    return Answer(entitlement_out(entitlement, with_buyer=True))
