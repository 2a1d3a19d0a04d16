"""JSON endpoints of licence policies and offers."""

from django.http import HttpRequest, HttpResponse
from ninja import Router

from foundation.access.api import signed_in
from foundation.paging import Ordering, Sort, fetch_page, read_limit
from foundation.web.responses import json_response
from wordclaw.payments.offers import actions
from wordclaw.payments.offers.queries import (
    find_offer,
    find_policy,
    newest_version,
    newest_versions,
    offers_of,
    policies_of,
)
from wordclaw.payments.offers.schemas import (
    LicencePolicyChanges,
    OfferChanges,
    OfferIn,
    OfferOut,
    OfferPage,
    PolicyIn,
    PolicyOut,
    PolicyPage,
    offer_out,
    policy_out,
)
from wordclaw.policy.actions import find_domain
from wordclaw.requests.api import (
    READ,
    WRITE,
    Answer,
    actor_of,
    cursor_errors,
    page_response,
    write,
)

router = Router(tags=["payments"])
DOMAIN = "/domains/{domain}"
POLICIES, OFFERS = DOMAIN + "/licence-policies", DOMAIN + "/offers"
POLICY, OFFER = POLICIES + "/{policy_id}", OFFERS + "/{offer_id}"
NEWEST_FIRST: Ordering = (Sort("created_at", descending=True), Sort("id"))


@router.get(
    POLICIES,
    auth=signed_in,
    throttle=READ,
    response=PolicyPage,
    summary="Licence policies of a domain, newest first",
)
@cursor_errors
def list_policies(
    request: HttpRequest, domain: str, limit: str | None = None, cursor: str | None = None
) -> HttpResponse:
    by = actor_of(request)
    tenant = find_domain(domain, by)
    actions.require_payments(tenant, by, resource_type="licence_policy")
    rows = policies_of(tenant)
    page = fetch_page(
        rows, NEWEST_FIRST, limit=read_limit(limit), cursor=cursor, name="licence_policies"
    )
    versions = newest_versions(row.pk for row in page.items)
    return page_response([policy_out(versions[row.pk]) for row in page.items], page.next_cursor)


@router.post(
    POLICIES,
    auth=signed_in,
    throttle=WRITE,
    response={201: PolicyOut},
    summary="Make a licence policy",
)
@write
def create_policy(request: HttpRequest, domain: str, body: PolicyIn) -> Answer:
    """Reads, seconds and terms of buyers; null is without a limit."""
    by = actor_of(request)
    version = actions.create_policy(find_domain(domain, by), body.columns(), by=by)
    return Answer(policy_out(version), status=201)


@router.get(POLICY, auth=signed_in, throttle=READ, response=PolicyOut, summary="One licence policy")
def read_policy(request: HttpRequest, domain: str, policy_id: str) -> HttpResponse:
    by = actor_of(request)
    tenant = find_domain(domain, by)
    actions.require_payments(tenant, by, resource_type="licence_policy", resource_id=policy_id)
    return json_response(policy_out(newest_version(find_policy(tenant, policy_id).pk)))


@router.patch(
    POLICY,
    auth=signed_in,
    throttle=WRITE,
    response=PolicyOut,
    summary="Make the next version of a licence policy",
)
@write
def change_policy(
    request: HttpRequest, domain: str, policy_id: str, body: LicencePolicyChanges
) -> Answer:
    """Sales keep the version of their time.

    A field that is not sent stays as it is.
    """
    by = actor_of(request)
    version = actions.change_policy(find_domain(domain, by), policy_id, body.columns(), by=by)
    return Answer(policy_out(version))


@router.get(
    OFFERS,
    auth=signed_in,
    throttle=READ,
    response=OfferPage,
    summary="Offers of a domain, newest first",
)
@cursor_errors
def list_offers(
    request: HttpRequest, domain: str, limit: str | None = None, cursor: str | None = None
) -> HttpResponse:
    by = actor_of(request)
    tenant = find_domain(domain, by)
    actions.require_payments(tenant, by)
    page = fetch_page(
        offers_of(tenant), NEWEST_FIRST, limit=read_limit(limit), cursor=cursor, name="offers"
    )
    return page_response([offer_out(offer) for offer in page.items], page.next_cursor)


@router.post(
    OFFERS, auth=signed_in, throttle=WRITE, response={201: OfferOut}, summary="Offer a subject"
)
@write
def create_offer(request: HttpRequest, domain: str, body: OfferIn) -> Answer:
    """While an offer is active, its subject answers 402 to readers without a right.

    `subjectType` is `agent` (`@scope/name`), `agent_version` (`@scope/name@1.0.0`), `content_item`
    (its ID) or `content_type` (its slug), each of this domain. The price of a form is a setting of
    the form (409 `offer_of_form`).
    """
    by = actor_of(request)
    offer = actions.create_offer(
        find_domain(domain, by),
        subject_type=body.subjectType,
        subject_id=body.subjectId,
        amount_satoshis=body.amountSatoshis,
        policy_id=body.policyId,
        is_active=body.active,
        by=by,
    )
    return Answer(offer_out(offer), status=201)


@router.get(OFFER, auth=signed_in, throttle=READ, response=OfferOut, summary="One offer")
def read_offer(request: HttpRequest, domain: str, offer_id: str) -> HttpResponse:
    by = actor_of(request)
    tenant = find_domain(domain, by)
    actions.require_payments(tenant, by, resource_id=offer_id)
    return json_response(offer_out(find_offer(tenant, offer_id)))


@router.patch(
    OFFER, auth=signed_in, throttle=WRITE, response=OfferOut, summary="Change or stop an offer"
)
@write
def change_offer(request: HttpRequest, domain: str, offer_id: str, body: OfferChanges) -> Answer:
    """Sales keep their price and their policy; `active: false` stops the offer."""
    by = actor_of(request)
    offer = actions.change_offer(find_domain(domain, by), offer_id, body.columns(), by=by)
    return Answer(offer_out(offer))


@router.delete(OFFER, auth=signed_in, throttle=WRITE, response=OfferOut, summary="Stop an offer")
@write
def stop_offer(request: HttpRequest, domain: str, offer_id: str) -> Answer:
    """The row stays, because sales refer to it; a change can start it again."""
    by = actor_of(request)
    offer = actions.change_offer(find_domain(domain, by), offer_id, {"is_active": False}, by=by)
    return Answer(offer_out(offer))
