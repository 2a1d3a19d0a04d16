"""The email about an invitation to a domain."""

from datetime import timedelta
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.accounts.models import User
from foundation.audit.models import AuditLog
from foundation.notices.mails import mail_notice, page_url
from foundation.notices.rules import NoticeKind
from wordclaw.policy.models import DomainMember

NOTICE_KINDS = (
    NoticeKind(
        "invitation",
        gettext_lazy("Invitations"),
        gettext_lazy("Someone invites you to write or publish for them."),
    ),
)


def mail_invited(event: AuditLog, *, cause: UUID) -> bool:
    """Email an invited person, unless the invitation was answered meanwhile.

    Who invites and removes a person in a loop emails them once a day.
    """
    earlier = AuditLog.objects.filter(
        entity_type="member",
        entity_id=event.entity_id,
        action="member.invite",
        tenant=event.tenant,
        created_at__gt=event.created_at - timedelta(days=1),
        created_at__lt=event.created_at,
    )
    if earlier.exists():
        return False
    users = User.objects.filter(username=event.entity_id)
    members = DomainMember.objects.filter(
        # Read at the time of sending: the worker may come hours later.
        domain__name=event.tenant,
        user__in=users,
        accepted_at=None,
    ).select_related("domain", "user", "invited_by")
    member = members.first()
    if member is None:
        return False
    return mail_notice(
        member.user,
        "invitation",
        subject=_("Invitation to @%(domain)s") % {"domain": member.domain.name},
        template="invitation",
        cause=cause,
        member=member,
        page=page_url("account"),
    )
