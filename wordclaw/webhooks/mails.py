"""The email about a webhook that was switched off."""

from uuid import UUID

from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.audit.models import AuditLog
from foundation.notices.mails import mail_notice, page_url
from foundation.notices.rules import NoticeKind
from foundation.text.input import read_uuid
from foundation.webhooks.models import Webhook
from foundation.webhooks.rules import GIVING_UP_AFTER
from wordclaw.policy.models import Domain
from wordclaw.policy.queries import people_with
from wordclaw.webhooks.actions import OPERATION

KIND = "webhook_disabled"
NOTICE_KINDS = (
    NoticeKind(
        KIND,
        gettext_lazy("Webhooks that fail"),
        format_lazy(
            gettext_lazy("A webhook of a domain that you manage failed for {days} days."),
            days=GIVING_UP_AFTER.days,
        ),
    ),
)


def mail_disabled(event: AuditLog, *, cause: UUID) -> bool:
    """Email the people who manage the webhooks of a domain."""
    webhook = Webhook.objects.filter(pk=read_uuid(event.entity_id)).first()
    # Read at the time of sending: it may be deleted or switched on meanwhile.
    if webhook is None or webhook.is_active:
        return False
    domain = Domain.objects.get(name=event.tenant)
    results = [
        mail_notice(
            reader,
            KIND,
            subject=_("A webhook of @%(domain)s was switched off") % {"domain": domain.name},
            template="webhook_disabled",
            cause=cause,
            webhook=webhook,
            days=GIVING_UP_AFTER.days,
            domain=domain.name,
            page=page_url("studio_webhook", domain.name, str(webhook.pk)),
        )
        for reader in people_with(domain, OPERATION)
    ]
    return any(results)
