"""Emails about offers of agents."""

from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.audit.models import AuditLog
from foundation.notices.mails import mail_notice, page_url
from foundation.notices.rules import NoticeKind
from profiles.queries import holder_of
from registry.models import AgentTransfer
from registry.transfers.actions import OFFER_LIFETIME

KIND = "transfer"
NOTICE_KINDS = (
    NoticeKind(
        KIND,
        gettext_lazy("Transfers of agents"),
        gettext_lazy("Someone offers you an agent, or answers your offer of one."),
    ),
)


def mail_receiver(event: AuditLog, *, cause: UUID) -> bool:
    """Email the holder of the scope that was offered an agent, if the offer is open."""
    offer = _offer_of(event)
    # Read at the time of sending: the offer may be cancelled by now.
    receiver = holder_of(offer.to_scope) if offer and offer.is_open else None
    if offer is None or receiver is None:
        return False
    return mail_notice(
        receiver,
        KIND,
        subject=_("@%(sender)s offers you %(id)s")
        % {"sender": offer.from_scope, "id": offer.agent.full_id},
        template="transfer_offered",
        cause=cause,
        offer=offer,
        days=OFFER_LIFETIME.days,
        page=page_url("offer", str(offer.pk)),
    )


def mail_sender(event: AuditLog, *, cause: UUID) -> bool:
    """Email the person who offered an agent that the offer was accepted or declined."""
    offer = _offer_of(event)
    if offer is None:
        return False
    is_accepted = offer.status == AgentTransfer.Status.ACCEPTED
    names = {"id": f"@{offer.from_scope}/{offer.agent.name}", "receiver": offer.to_scope}
    subject = (
        _("@%(receiver)s accepted %(id)s") if is_accepted else _("@%(receiver)s declined %(id)s")
    )
    return mail_notice(
        offer.offered_by,
        KIND,
        subject=subject % names,
        template="transfer_decided",
        cause=cause,
        offer=offer,
        is_accepted=is_accepted,
        page=page_url("agent", offer.agent.scope, offer.agent.name),
    )


def _offer_of(event: AuditLog) -> AgentTransfer | None:
    offers = AgentTransfer.objects.select_related("agent", "offered_by")
    return offers.filter(pk=event.details["id"]).first()
