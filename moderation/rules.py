"""Who decides on reports and appeals, and what one says. Answers, never acts."""

from foundation.actor import Actor
from foundation.audit.models import AuditLog
from moderation.models import Appeal, Report

MAINTAINER_PERMISSIONS = (
    "moderation.view_report",
    "moderation.change_report",
    "moderation.view_appeal",
    "moderation.change_appeal",
)
NOTES_LENGTH = 2000
DECISIONS = (Report.Status.RESOLVED, Report.Status.DISMISSED)


def may_decide(report: Report, actor: Actor) -> bool:
    """Maintainers, but nobody about their own agent."""
    return actor.moderates and not actor.is_user(report.agent.owner_user_id)


# What can be appealed against, and the event that takes each back.
REVERSALS = {
    "version.yanked": "version.unyanked",
    "version.withheld": "version.withholding_lifted",
    "agent.delisted": "agent.relisted",
    "account.suspended": "account.suspension_lifted",
}


def may_decide_appeal(appeal: Appeal, actor: Actor) -> bool:
    """Maintainers, but nobody on their own appeal or about their own agent."""
    owner = appeal.agent.owner_user_id if appeal.agent else None
    return actor.moderates and not actor.is_user(appeal.user_id) and not actor.is_user(owner)


def has_acted(decision: AuditLog, actor: Actor) -> bool:
    """Whether the decision was this actor's own."""
    return decision.user_id is not None and actor.is_user(decision.user_id)
