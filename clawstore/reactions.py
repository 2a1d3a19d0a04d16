"""What follows from what: the one list. The functions run after the commit, at least once."""

from django.utils.translation import gettext_lazy as _

from foundation.notices.rules import ACCOUNT, NoticeKind

# What the world hears of in `/v1/changes`, whatever else follows from it.
TO_MIRRORS = "registry.mirrors.actions.append_recent_events"

REACTIONS: dict[str, tuple[str, ...]] = {
    "version.published": (TO_MIRRORS, "registry.diffs.jobs.render_upgrade"),
    "review.posted": ("reviews.mails.tell_owner_of_review",),
    "report.resolved": ("moderation.mails.tell_of_outcome",),
    "report.dismissed": ("moderation.mails.tell_of_outcome",),
    "version.yanked": ("moderation.mails.tell_owner_of_decision", TO_MIRRORS),
    "version.unyanked": ("moderation.mails.tell_owner_of_decision", TO_MIRRORS),
    "version.withheld": ("moderation.mails.tell_owner_of_decision", TO_MIRRORS),
    "version.withholding_lifted": ("moderation.mails.tell_owner_of_decision", TO_MIRRORS),
    "agent.delisted": ("moderation.mails.tell_owner_of_decision", TO_MIRRORS),
    "agent.relisted": ("moderation.mails.tell_owner_of_decision", TO_MIRRORS),
    "account.suspended": ("moderation.mails.tell_of_suspension",),
    "account.suspension_lifted": ("moderation.mails.tell_of_suspension",),
    "appeal.upheld": ("moderation.mails.tell_of_appeal",),
    "appeal.rejected": ("moderation.mails.tell_of_appeal",),
}

# In the order of the page on which one chooses.
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
