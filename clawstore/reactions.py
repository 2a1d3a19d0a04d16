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
        _("Somebody reviews an agent that you own."),
    ),
    NoticeKind(
        "decision",
        _("Decisions about your agents"),
        _(
            "A maintainer yanks or withholds a version of yours, delists an agent of yours, or "
            "takes such a decision back: always with the reason."
        ),
    ),
    NoticeKind(
        "reported",
        _("Reports about your agents"),
        _("A maintainer has decided on a report about an agent that you own."),
    ),
    NoticeKind(
        "report",
        _("Reports that you made"),
        _("A maintainer has decided on a report that you made while signed in."),
    ),
    NoticeKind(
        "appeal",
        _("Your appeals"),
        _("A maintainer has decided on an appeal of yours."),
    ),
    ACCOUNT,
)
