"""Rules for decisions on reports and appeals."""

from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from foundation.access.scopes import KeyScope
from foundation.accounts.errors import OwnAccount
from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.audit.models import AuditLog
from foundation.own_matters import OwnMatter
from moderation.errors import OwnContent, OwnReport, OwnReview
from moderation.models import Appeal, Report, ReportQuerySet
from registry.agents.actions import BY_CO_MAINTAINER
from registry.errors import OwnAgent
from registry.models import Agent
from registry.rules.co_maintainers import agents_of, is_of
from registry.rules.permissions import MAINTAINER, MODERATION_SCOPE
from reviews.models import Review
from wordclaw.content.models import ContentItem
from wordclaw.payments.models import AgentProfile
from wordclaw.policy.queries import is_member

REPORT_SCOPE = "reports:write"
KEY_SCOPES = (
    KeyScope(
        name=REPORT_SCOPE,
        description=_("Report agents, versions and reviews in your name."),
        for_devices=True,
    ),
    KeyScope(
        name=MODERATION_SCOPE,
        description=_("Moderate: everything you can do as a maintainer."),
        role=MAINTAINER,
    ),
)
DESK_PERMISSIONS = (
    "moderation.view_report",
    "moderation.change_report",
    "moderation.view_appeal",
    "moderation.change_appeal",
    "moderation.view_heldtext",
    "moderation.change_heldtext",
)
NOTES_LENGTH = 2000
DECISIONS = (Report.Status.RESOLVED, Report.Status.DISMISSED)


def own_matter(matter: object, user_id: UUID) -> OwnMatter | None:
    """The refusal for a decision about a matter that concerns the user, or None.

    A matter is an agent, a review, a report, an appeal, a person or a text. It concerns its owner,
    its writer, its reporter, the person accused and the members of the domain that wrote or sells.
    ``settings.OWN_MATTER`` names this rule.
    """
    reports = Report.objects.still_open()
    match matter:
        case Agent():
            return _own_agent(matter, user_id, reports)
        case Review():
            return _own_review(matter, user_id, reports)
        case Report():
            return _own_report(matter, user_id)
        case Appeal():
            # The decision may have closed the report that led to it, so closed ones count, too.
            reports = Report.objects.all()
            own_agent = _own_agent(matter.agent, user_id, reports) if matter.agent else None
            own_text = _own_text(matter.decision.details.get("domain"), user_id)
            return own_agent or own_text or _own_person(matter.user, user_id, reports)
        case User():
            return _own_person(matter, user_id, reports)
        case ContentItem() | AgentProfile():
            return _own_text(matter.domain.name, user_id)
    # An unknown matter must stop the decision; None would allow it.
    raise TypeError(f"The rule about own matters does not know {type(matter).__name__}.")


def _own_agent(agent: Agent, user_id: UUID, reports: ReportQuerySet) -> OwnMatter | None:
    if is_of(agent, user_id):
        return OwnAgent()
    return _own_part(reports.filter(agent=agent), user_id)


def _own_review(review: Review, user_id: UUID, reports: ReportQuerySet) -> OwnMatter | None:
    if is_of(review.agent, user_id):
        return OwnAgent()
    if review.reviewer_user_id == user_id:
        return OwnReview()
    return _own_part(reports.filter(review=review), user_id)


def _own_report(report: Report, user_id: UUID) -> OwnMatter | None:
    if is_of(report.agent, user_id):
        return OwnAgent()
    return _own_part(Report.objects.filter(pk=report.pk), user_id)


def _own_text(domain_name: str | None, user_id: UUID) -> OwnMatter | None:
    is_own = domain_name is not None and is_member(domain_name, user_id)
    return OwnContent() if is_own else None


def _own_part(reports: ReportQuerySet, user_id: UUID) -> OwnMatter | None:
    """The refusal if the user filed a report, or wrote the review that it is about."""
    if reports.filter(reporter_user_id=user_id).exists():
        return OwnReport()
    return OwnReview() if reports.filter(_wrote_review(user_id)).exists() else None


def _own_person(person: User, user_id: UUID, reports: ReportQuerySet) -> OwnMatter | None:
    """The refusal for the person, for owners they reviewed, and in shared reports."""
    if person.pk == user_id:
        return OwnAccount()
    # A maintainer must not silence a critic of their own agents.
    if Review.objects.filter(agents_of(user_id), reviewer_user=person).exists():
        return OwnMatter()
    shared_reports = reports.filter(_concerns(person.pk)).filter(_concerns(user_id))
    return OwnMatter() if shared_reports.exists() else None


def is_about(report: Report, by: Actor) -> bool:
    """Whether a report accuses the actor, as owner of the agent or as reviewer."""
    reviewer_id = (report.review_snapshot or {}).get("reviewerUserId")
    return is_of(report.agent, by.user_id) or str(by.user_id) == reviewer_id


def _concerns(user_id: UUID) -> Q:
    """Reports in which a user is the reporter, the owner of the agent or the reviewer."""
    return Q(reporter_user_id=user_id) | agents_of(user_id) | _wrote_review(user_id)


def _wrote_review(user_id: UUID) -> Q:
    # The snapshot names the author of a review that was deleted after the report.
    wrote_deleted = Q(review_snapshot__reviewerUserId=str(user_id))
    return Q(review__reviewer_user_id=user_id) | wrote_deleted


# Decisions that can be appealed against, with the event that reverses each.
REVERSALS = {
    "version.yanked": "version.unyanked",
    "version.withheld": "version.withholding_lifted",
    "agent.delisted": "agent.relisted",
    "account.suspended": "account.suspension_lifted",
    "content_item.taken_down": "content_item.hold_lifted",
}


def is_by_publisher(event: AuditLog, owner_id: UUID) -> bool:
    """Whether the owner or a co-maintainer of an agent acted, not the moderation.

    Their own acts are no decisions about the owner.
    """
    return event.user_id == owner_id or BY_CO_MAINTAINER in event.details


def has_acted(decision: AuditLog, actor: Actor) -> bool:
    return decision.user_id is not None and actor.is_user(decision.user_id)
