"""Reactions: the jobs that follow each event of the audit log."""

from django.utils.translation import gettext_lazy as _

from foundation.notices.rules import ACCOUNT, NoticeKind

# Adds the event to the change feed of mirrors, `/v1/changes`.
TO_MIRRORS = "mirrors.append_recent_events"

REACTIONS: dict[str, tuple[str, ...]] = {
    "version.published": (TO_MIRRORS, "version_diffs.prepare"),
    "review.posted": ("mails.review_posted",),
    "report.resolved": ("mails.report_decided",),
    "report.dismissed": ("mails.report_decided",),
    "version.yanked": ("mails.decision", TO_MIRRORS),
    "version.unyanked": ("mails.decision", TO_MIRRORS),
    "version.withheld": ("mails.decision", TO_MIRRORS),
    "version.withholding_lifted": ("mails.decision", TO_MIRRORS),
    "agent.delisted": ("mails.decision", TO_MIRRORS),
    "agent.relisted": ("mails.decision", TO_MIRRORS),
    "account.suspended": ("mails.suspension",),
    "account.suspension_lifted": ("mails.suspension",),
    "appeal.upheld": ("mails.appeal_decided",),
    "appeal.rejected": ("mails.appeal_decided",),
}

# In the order of the settings page.
NOTICE_KINDS: tuple[NoticeKind, ...] = (
    NoticeKind(
        "review",
        _("Reviews of your agents"),
        _("Someone reviews one of your agents."),
    ),
    NoticeKind(
        "decision",
        _("Decisions about your agents"),
        _(
            "A maintainer yanks or withholds one of your versions, delists one of "
            "your agents, or reverses such a decision."
        ),
    ),
    NoticeKind(
        "reported",
        _("Reports about your agents"),
        _("A maintainer decides on a report about one of your agents."),
    ),
    NoticeKind(
        "report",
        _("Your reports"),
        _("A maintainer decides on a report that you sent while signed in."),
    ),
    NoticeKind(
        "appeal",
        _("Your appeals"),
        _("A maintainer decides on one of your appeals."),
    ),
    ACCOUNT,
)
