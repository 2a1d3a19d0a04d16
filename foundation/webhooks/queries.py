"""Questions about webhooks and their deliveries."""

from django.db.models import QuerySet

from foundation.clock import now
from foundation.encryption import NotReadable, decrypt_text
from foundation.paging import Sort
from foundation.text.input import read_uuid
from foundation.webhooks.errors import DeliveryNotFound, WebhookNotFound
from foundation.webhooks.models import DeliveryStatus, Webhook, WebhookDelivery

WEBHOOK_ORDER = (Sort("created_at"), Sort("id"))
DELIVERY_ORDER = (Sort("created_at", descending=True), Sort("id"))


def webhooks_of(tenant: str) -> QuerySet[Webhook]:
    webhooks: QuerySet[Webhook] = Webhook.objects.filter(tenant=tenant)
    return webhooks


def find_webhook(tenant: str, webhook_id: str, *, for_update: bool = False) -> Webhook:
    """Return a webhook of a tenant. Raises WebhookNotFound."""
    webhooks = webhooks_of(tenant)
    rows = webhooks.select_for_update() if for_update else webhooks
    webhook = rows.filter(pk=read_uuid(webhook_id)).first()
    if webhook is None:
        raise WebhookNotFound
    return webhook


def deliveries_of(webhook: Webhook) -> QuerySet[WebhookDelivery]:
    deliveries: QuerySet[WebhookDelivery] = WebhookDelivery.objects.filter(webhook=webhook)
    return deliveries


def find_delivery(webhook: Webhook, delivery_id: str) -> WebhookDelivery:
    """Return a delivery of a webhook. Raises DeliveryNotFound."""
    delivery = deliveries_of(webhook).filter(pk=read_uuid(delivery_id)).first()
    if delivery is None:
        raise DeliveryNotFound
    return delivery


def signing_tokens(webhook: Webhook) -> list[str]:
    """Return the encrypted secrets that sign now: two for a day after a rotation."""
    tokens = [webhook.secret]
    if webhook.former_secret_until and webhook.former_secret_until > now():
        tokens.append(webhook.former_secret)
    return [token for token in tokens if token]


def secrets_of(webhook: Webhook) -> list[str]:
    """Return the secrets that sign now.

    They are the present one, and the former one for its last day. Empty if neither can be read, as
    after a change of SECRET_KEY.
    """
    secrets = []
    for token in signing_tokens(webhook):
        try:
            secrets.append(decrypt_text(token))
        except NotReadable:
            continue
    return secrets


def count_waiting_deliveries() -> int:
    count: int = WebhookDelivery.objects.filter(status=DeliveryStatus.PENDING).count()
    return count
