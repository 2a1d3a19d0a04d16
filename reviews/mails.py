"""Emails about reviews. They run as jobs after the commit."""

from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.audit.models import AuditLog
from foundation.notices.mails import mail_notice, page_url
from foundation.notices.rules import NoticeKind
from reviews.models import Review

NOTICE_KINDS = (
    NoticeKind(
        "review",
        gettext_lazy("Reviews of your agents"),
        gettext_lazy("Someone reviews one of your agents."),
    ),
)


def mail_owner_about_review(event: AuditLog, *, cause: UUID) -> bool:
    """Email the agent's owner about a new review, unless it was deleted meanwhile."""
    reviews = Review.objects.with_reviewer().select_related("agent__owner_user", "reviewer_user")
    review = reviews.filter(pk=event.details["id"]).first()
    # The job may run long after the review was deleted.
    if review is None:
        return False
    agent = review.agent
    return mail_notice(
        agent.owner_user,
        "review",
        subject=_("New review of %(id)s") % {"id": agent.full_id},
        template="review",
        cause=cause,
        review=review,
        agent=agent,
        page=page_url("review", agent.scope, agent.name, str(review.pk)),
    )
