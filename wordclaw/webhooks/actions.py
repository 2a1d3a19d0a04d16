"""Webhooks of a domain, for those who may manage them."""

from typing import Any

from django.db import transaction

from foundation.actor import Actor
from foundation.webhooks import actions
from foundation.webhooks.models import Webhook, WebhookDelivery
from foundation.webhooks.queries import find_delivery, find_webhook
from wordclaw.policy.actions import authorize
from wordclaw.policy.models import Domain, DomainKind
from wordclaw.policy.queries import domain_of_name, people_with

OPERATION = "webhooks.write"


def require_webhooks(domain: Domain, by: Actor, *, webhook_id: str = "") -> None:
    """Raises what `authorize` raises; reading needs the same right.

    Answers of the receivers may be confidential.
    """
    authorize(by, OPERATION, domain, resource_type="webhook", resource_id=webhook_id)


def read_webhook(domain: Domain, webhook_id: str, *, by: Actor) -> Webhook:
    """Return a webhook that the actor may manage. Raises WebhookNotFound."""
    require_webhooks(domain, by, webhook_id=webhook_id)
    return find_webhook(domain.name, webhook_id)


def read_delivery(
    domain: Domain, webhook_id: str, delivery_id: str, *, by: Actor
) -> WebhookDelivery:
    """Return a delivery. Raises WebhookNotFound or DeliveryNotFound."""
    return find_delivery(read_webhook(domain, webhook_id, by=by), delivery_id)


@transaction.atomic
def create_webhook(
    domain: Domain, *, url: str, events: list[str], is_active: bool = True, by: Actor
) -> tuple[Webhook, str]:
    """Return a new webhook and its secret; see `foundation.webhooks.actions`."""
    require_webhooks(domain, by)
    return actions.create_webhook(domain.name, url=url, events=events, is_active=is_active, by=by)


@transaction.atomic
def change_webhook(
    domain: Domain,
    webhook_id: str,
    changes: dict[str, Any],
    *,
    expected_version: int | None = None,
    by: Actor,
) -> Webhook:
    require_webhooks(domain, by, webhook_id=webhook_id)
    return actions.change_webhook(
        domain.name, webhook_id, changes, expected_version=expected_version, by=by
    )


@transaction.atomic
def rotate_secret(
    domain: Domain, webhook_id: str, *, expected_version: int | None = None, by: Actor
) -> tuple[Webhook, str]:
    require_webhooks(domain, by, webhook_id=webhook_id)
    return actions.rotate_secret(domain.name, webhook_id, expected_version=expected_version, by=by)


@transaction.atomic
def delete_webhook(
    domain: Domain, webhook_id: str, *, expected_version: int | None = None, by: Actor
) -> None:
    require_webhooks(domain, by, webhook_id=webhook_id)
    actions.delete_webhook(domain.name, webhook_id, expected_version=expected_version, by=by)


@transaction.atomic
def send_test(domain: Domain, webhook_id: str, *, by: Actor) -> WebhookDelivery:
    require_webhooks(domain, by, webhook_id=webhook_id)
    return actions.send_test(domain.name, webhook_id, by=by)


@transaction.atomic
def redeliver(domain: Domain, webhook_id: str, delivery_id: str, *, by: Actor) -> WebhookDelivery:
    require_webhooks(domain, by, webhook_id=webhook_id)
    return actions.redeliver(domain.name, webhook_id, delivery_id, by=by)


def are_paused(tenant: str) -> bool:
    """Whether no active person may manage the webhooks of a tenant.

    An example is the tenant of a suspended publisher. Meanwhile no message is queued. Messages that
    wait are sent afterwards, if they are not older than `GIVING_UP_AFTER`.
    """
    domain = domain_of_name(tenant)
    # The store's belong to the shop, also before it has its first maintainer.
    if domain is None or domain.kind == DomainKind.STORE:
        return False
    return not people_with(domain, OPERATION)
