"""The webhook of a form: one of the domain's that hears of this form alone."""

import base64

from foundation.actor import Actor
from foundation.webhooks.actions import create_webhook, delete_webhook
from foundation.webhooks.errors import UnsafeWebhookUrl
from foundation.webhooks.signing import PREFIX
from foundation.webhooks.targets import check_url
from wordclaw.forms.errors import WebhookUrlUnsafe
from wordclaw.forms.models import FormDefinition

EVENT = "form.submitted"


def change_webhook_of(form: FormDefinition, *, url: str, secret: str = "", by: Actor) -> None:
    """Set or replace the webhook of a form; an empty ``url`` removes it.

    Without ``secret`` the webhook gets a new one. Raises WebhookUrlUnsafe or TooManyWebhooks.
    """
    if form.webhook is not None and form.webhook.url == url and not secret:
        return
    if url:
        try:
            check_url(url)
        except UnsafeWebhookUrl as refusal:
            raise WebhookUrlUnsafe from refusal
    former_webhook, form.webhook = form.webhook, None
    if url:
        form.webhook, form.new_secret = create_webhook(
            form.domain.name,
            url=url,
            events=[EVENT],
            secret=signing_secret(secret),
            about=str(form.pk),
            by=by,
        )
    form.save(update_fields=["webhook"])
    if former_webhook is not None:
        delete_webhook(form.domain.name, str(former_webhook.pk), by=by)


def signing_secret(text: str) -> str:
    """Return a secret as signatures need it: ``whsec_`` and base64. "" stays empty."""
    if not text:
        return ""
    encoded_key = text.removeprefix(PREFIX)
    try:
        if text.startswith(PREFIX) and base64.b64decode(encoded_key, validate=True):
            return text
    except ValueError:  # Not base64, or not even ASCII.
        pass
    # Any other text is the key itself.
    return PREFIX + base64.b64encode(text.encode()).decode()
