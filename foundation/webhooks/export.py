"""Export of webhooks. Their secrets stay encrypted; deliveries are not exported."""

from foundation.export import PersonalDataPart, Table, rows_without
from foundation.webhooks.models import Webhook

WEBHOOKS = Table(name="webhooks", model=Webhook, order=["id"], private=True)

PERSONAL_DATA = (
    PersonalDataPart(
        "webhooks",
        lambda user_id: rows_without(
            Webhook.objects.filter(created_by=user_id).order_by("created_at", "id"),
            *("secret", "former_secret"),
        ),
    ),
)
