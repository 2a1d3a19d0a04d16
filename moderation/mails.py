"""Emails about decisions, reports and appeals. They run as jobs after the commit.

No email names the reporter or the maintainer who decided.
"""

from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.access.queries import find_key
from foundation.accounts.models import User
from foundation.accounts.rules import suspended_token
from foundation.audit.models import AuditLog
from foundation.notices.mails import mail_notice, page_url
from foundation.notices.rules import NoticeKind
from moderation.models import Appeal, Report
from moderation.queries import subject_of, title_of
from moderation.rules import REVERSALS, is_by_publisher
from registry.models import Agent

NOTICE_KINDS = (
    NoticeKind(
        "decision",
        gettext_lazy("Decisions about your agents and texts"),
        gettext_lazy(
            "A maintainer yanks or withholds one of your versions, delists one of your agents, "
            "takes down one of your texts, or reverses such a decision."
        ),
    ),
    NoticeKind(
        "reported",
        gettext_lazy("Reports about your agents"),
        gettext_lazy("A maintainer decides on a report about one of your agents."),
    ),
    NoticeKind(
        "report",
        gettext_lazy("Your reports"),
        gettext_lazy("A maintainer decides on a report that you sent while signed in."),
    ),
    NoticeKind(
        "appeal",
        gettext_lazy("Your appeals"),
        gettext_lazy("A maintainer decides on one of your appeals."),
    ),
    NoticeKind(
        "account",
        gettext_lazy("Your account"),
        gettext_lazy(
            "A maintainer suspends your account or lifts the suspension, or one of your API keys "
            "is revoked, by a maintainer or because a package contained it."
        ),
    ),
)


def mail_owner_about_decision(event: AuditLog, *, cause: UUID) -> bool:
    """Email the owner about a maintainer's decision on their agent or version."""
    subject = subject_of(event)
    agent = subject.agent
    if agent is None or is_by_publisher(event, agent.owner_user_id):
        return False
    title, is_measure = title_of(event), event.action in REVERSALS
    return mail_notice(
        agent.owner_user,
        "decision",
        subject=title,
        template="decision",
        cause=cause,
        event=event,
        title=title,
        is_measure=is_measure,
        reason=event.details.get("reason"),
        page=page_of(agent, subject.number),
        appeal_at=appeal_address(event, agent.owner_user) if is_measure else "",
    )


def page_of(agent: Agent, number: str = "") -> str:
    """The address of the agent's page, or of one version."""
    if number:
        return page_url("version", agent.scope, agent.name, number)
    return page_url("agent", agent.scope, agent.name)


def appeal_address(event: AuditLog, user: User) -> str:
    """The address of the appeal form; it needs no sign-in for a suspended user."""
    link = {"for": suspended_token(user)} if user.is_suspended else {}
    return page_url("new_appeal", decision=str(event.pk), **link)


def mail_about_report(event: AuditLog, *, cause: UUID) -> dict[str, bool]:
    """Email owner and reporter about the decision on a report."""
    people = ("agent__owner_user", "reporter_user")
    report = Report.objects.select_related(*people).get(pk=event.entity_id)
    return {"owner": _tell_owner(report, cause), "reporter": _tell_reporter(report, cause)}


def _tell_owner(report: Report, cause: UUID) -> bool:
    agent = report.agent
    # An owner who reported gets the other email; a report about a review is about its writer.
    if report.reporter_user_id == agent.owner_user_id or report.review_id or report.review_snapshot:
        return False
    return mail_notice(
        agent.owner_user,
        "reported",
        subject=_("Decision on a report about %(id)s") % {"id": agent.full_id},
        template="report_owner",
        cause=cause,
        report=report,
        agent=agent,
        reason=report.get_reason_display().lower(),
        page=page_of(agent),
    )


def _tell_reporter(report: Report, cause: UUID) -> bool:
    if report.reporter_user is None:
        return False
    return mail_notice(
        report.reporter_user,
        "report",
        subject=_("Decision on your report about %(id)s") % {"id": report.agent.full_id},
        template="report_reporter",
        cause=cause,
        report=report,
        agent=report.agent,
        page=page_url("report_receipt", str(report.pk)),
    )


def mail_about_suspension(event: AuditLog, *, cause: UUID) -> bool:
    """Email the person whose account was suspended or reopened."""
    user = User.objects.filter(username=event.entity_id).first()
    # The account may have been deleted since.
    if user is None:
        return False
    title, is_measure = title_of(event), event.action in REVERSALS
    return mail_notice(
        user,
        "account",
        subject=title,
        template="suspension",
        cause=cause,
        event=event,
        title=title,
        reason=event.details.get("reason"),
        appeal_at=appeal_address(event, user) if is_measure else "",
    )


def mail_about_withdrawn_key(event: AuditLog, *, cause: UUID) -> bool:
    """Email the owner of an API key that a maintainer revoked."""
    key = find_key(UUID(event.entity_id))
    return mail_notice(
        key.created_by,
        "account",
        subject=_("A maintainer revoked an API key of yours"),
        template="withdrawn_key",
        cause=cause,
        key=key,
        reason=event.details.get("reason"),
        keys_at=page_url("account_keys"),
    )


def mail_about_appeal(event: AuditLog, *, cause: UUID) -> bool:
    """Email the author about the decision on their appeal."""
    appeals = Appeal.objects.select_related("user", "decision")
    appeal = appeals.get(pk=event.entity_id)
    title = title_of(appeal.decision)
    link = {"for": suspended_token(appeal.user)} if appeal.user.is_suspended else {}
    return mail_notice(
        appeal.user,
        "appeal",
        subject=_("Decision on your appeal: %(title)s") % {"title": title},
        template="appeal",
        cause=cause,
        appeal=appeal,
        title=title,
        appeals_at=page_url("appeals", **link),
    )
