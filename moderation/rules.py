"""Rules for decisions on reports and appeals."""

from django.utils.translation import gettext_lazy as _

from foundation.access.scopes import KeyScope
from foundation.actor import Actor
from foundation.audit.models import AuditLog
from moderation.models import Appeal, Report
from registry.rules.permissions import MAINTAINER, MODERATION_SCOPE, may_moderate

KEY_SCOPES = (
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
)
NOTES_LENGTH = 2000
DECISIONS = (Report.Status.RESOLVED, Report.Status.DISMISSED)


def may_decide(report: Report, actor: Actor) -> bool:
    """Whether a maintainer may decide; never about their own agent."""
    return may_moderate(actor) and not actor.is_user(report.agent.owner_user_id)


# Decisions that can be appealed against, with the event that reverses each.
REVERSALS = {
    "version.yanked": "version.unyanked",
    "version.withheld": "version.withholding_lifted",
    "agent.delisted": "agent.relisted",
    "account.suspended": "account.suspension_lifted",
}


def may_decide_appeal(appeal: Appeal, actor: Actor) -> bool:
    """Whether a maintainer may decide; never on their own appeal or agent."""
    owner = appeal.agent.owner_user_id if appeal.agent else None
    return may_moderate(actor) and not actor.is_user(appeal.user_id) and not actor.is_user(owner)


def has_acted(decision: AuditLog, actor: Actor) -> bool:
    """Whether the actor made the decision."""
    return decision.user_id is not None and actor.is_user(decision.user_id)
