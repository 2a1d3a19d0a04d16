"""Who decides on reports, and what one says. Answers, never acts."""

from foundation.actor import Actor
from moderation.models import Report

MAINTAINER_PERMISSIONS = ("moderation.view_report", "moderation.change_report")
NOTES_LENGTH = 2000
DECISIONS = (Report.Status.RESOLVED, Report.Status.DISMISSED)


def may_decide(report: Report, actor: Actor) -> bool:
    """Maintainers, but nobody about their own agent."""
    return actor.moderates and not actor.is_user(report.agent.owner_user_id)
