"""JSON endpoints of webhooks."""

from django.http import HttpRequest, HttpResponse
from ninja import Router

from foundation.access.api import signed_in
from foundation.paging import fetch_page, read_limit
from foundation.web.responses import json_response
from foundation.webhooks.queries import (
    DELIVERY_ORDER,
    WEBHOOK_ORDER,
    deliveries_of,
    webhooks_of,
)
from wordclaw.policy.actions import find_domain
from wordclaw.requests.api import (
    READ,
    WRITE,
    Answer,
    actor_of,
    cursor_errors,
    expected_version,
    page_response,
    version_tag,
    write,
    write_of_version,
)
from wordclaw.webhooks import actions
from wordclaw.webhooks.schemas import (
    DeliveryOut,
    DeliveryPage,
    WebhookChanges,
    WebhookIn,
    WebhookOut,
    WebhookPage,
    delivery_out,
    webhook_out,
)

router = Router(tags=["webhooks"])
WEBHOOKS = "/domains/{domain}/webhooks"
WEBHOOK = WEBHOOKS + "/{webhook_id}"
DELIVERIES = WEBHOOK + "/deliveries"
SECRET_KEYS = frozenset({"secret"})


@router.get(
    WEBHOOKS, auth=signed_in, throttle=READ, response=WebhookPage, summary="Webhooks of a domain"
)
@cursor_errors
def list_webhooks(
    request: HttpRequest, domain: str, limit: str | None = None, cursor: str | None = None
) -> HttpResponse:
    by = actor_of(request)
    tenant = find_domain(domain, by)
    actions.require_webhooks(tenant, by)
    rows = webhooks_of(tenant.name)
    page = fetch_page(rows, WEBHOOK_ORDER, limit=read_limit(limit), cursor=cursor, name="webhooks")
    return page_response([webhook_out(webhook) for webhook in page.items], page.next_cursor)


@router.post(
    WEBHOOKS, auth=signed_in, throttle=WRITE, response={201: WebhookOut}, summary="Make a webhook"
)
@write
def create(request: HttpRequest, domain: str, body: WebhookIn) -> Answer:
    """The answer has the secret that signs the messages; it cannot be read again.

    Messages are signed as Standard Webhooks describes."""
    by = actor_of(request)
    webhook, secret = actions.create_webhook(
        find_domain(domain, by), url=body.url, events=body.events, is_active=body.active, by=by
    )
    answer = webhook_out(webhook, secret=secret)
    headers = version_tag(webhook.version)
    return Answer(answer, status=201, headers=headers, secret_keys=SECRET_KEYS)


@router.get(WEBHOOK, auth=signed_in, throttle=READ, response=WebhookOut, summary="One webhook")
def read(request: HttpRequest, domain: str, webhook_id: str) -> HttpResponse:
    by = actor_of(request)
    webhook = actions.read_webhook(find_domain(domain, by), webhook_id, by=by)
    response = json_response(webhook_out(webhook))
    for name, value in version_tag(webhook.version).items():
        response[name] = value
    return response


@router.patch(
    WEBHOOK, auth=signed_in, throttle=WRITE, response=WebhookOut, summary="Change a webhook"
)
@write_of_version
def change(request: HttpRequest, domain: str, webhook_id: str, body: WebhookChanges) -> Answer:
    by = actor_of(request)
    webhook = actions.change_webhook(
        find_domain(domain, by),
        webhook_id,
        body.columns(),
        expected_version=expected_version(request),
        by=by,
    )
    return Answer(webhook_out(webhook), headers=version_tag(webhook.version))


@router.delete(WEBHOOK, auth=signed_in, throttle=WRITE, summary="Delete a webhook")
@write_of_version
def delete(request: HttpRequest, domain: str, webhook_id: str) -> Answer:
    by = actor_of(request)
    actions.delete_webhook(
        find_domain(domain, by), webhook_id, expected_version=expected_version(request), by=by
    )
    return Answer({"ok": True})


@router.post(
    WEBHOOK + "/rotate-secret",
    auth=signed_in,
    throttle=WRITE,
    response=WebhookOut,
    summary="Give a webhook a new secret",
)
@write_of_version
def rotate(request: HttpRequest, domain: str, webhook_id: str) -> Answer:
    """For 24 hours messages have two signatures, of the new and of the former secret."""
    by = actor_of(request)
    webhook, secret = actions.rotate_secret(
        find_domain(domain, by), webhook_id, expected_version=expected_version(request), by=by
    )
    # A dry run makes a secret that is never valid, so it is not shown.
    answer = webhook_out(webhook, secret=secret)
    return Answer(answer, headers=version_tag(webhook.version), secret_keys=SECRET_KEYS)


@router.post(
    WEBHOOK + "/test",
    auth=signed_in,
    throttle=WRITE,
    response={202: DeliveryOut},
    summary="Send a test message",
)
@write
def send_test(request: HttpRequest, domain: str, webhook_id: str) -> Answer:
    by = actor_of(request)
    delivery = actions.send_test(find_domain(domain, by), webhook_id, by=by)
    return Answer(delivery_out(delivery), status=202)


@router.get(
    DELIVERIES,
    auth=signed_in,
    throttle=READ,
    response=DeliveryPage,
    summary="Deliveries of a webhook, newest first",
)
@cursor_errors
def list_deliveries(
    request: HttpRequest,
    domain: str,
    webhook_id: str,
    status: str | None = None,
    limit: str | None = None,
    cursor: str | None = None,
) -> HttpResponse:
    by = actor_of(request)
    rows = deliveries_of(actions.read_webhook(find_domain(domain, by), webhook_id, by=by))
    rows = rows.filter(status=status) if status is not None else rows
    page = fetch_page(
        # A body may have a megabyte, and the list does not show it.
        rows.defer("body"),
        DELIVERY_ORDER,
        limit=read_limit(limit),
        cursor=cursor,
        name="deliveries",
    )
    return page_response([delivery_out(delivery) for delivery in page.items], page.next_cursor)


@router.get(
    DELIVERIES + "/{delivery_id}",
    auth=signed_in,
    throttle=READ,
    response=DeliveryOut,
    summary="One delivery, with the request",
)
def read_delivery(
    request: HttpRequest, domain: str, webhook_id: str, delivery_id: str
) -> HttpResponse:
    by = actor_of(request)
    delivery = actions.read_delivery(find_domain(domain, by), webhook_id, delivery_id, by=by)
    return json_response(delivery_out(delivery, with_request=True))


@router.post(
    DELIVERIES + "/{delivery_id}/redeliver",
    auth=signed_in,
    throttle=WRITE,
    response={202: DeliveryOut},
    summary="Send a message again",
)
@write
def redeliver(request: HttpRequest, domain: str, webhook_id: str, delivery_id: str) -> Answer:
    by = actor_of(request)
    delivery = actions.redeliver(find_domain(domain, by), webhook_id, delivery_id, by=by)
    return Answer(delivery_out(delivery), status=202)
