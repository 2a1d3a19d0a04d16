"""What follows from what: the one list. The functions run after the commit, at least once."""

from django.utils.translation import gettext_lazy as _

from foundation.notices.rules import ACCOUNT, NoticeKind

REACTIONS: dict[str, tuple[str, ...]] = {}

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
