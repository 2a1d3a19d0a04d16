"""The kinds of notices, in the order of the page on which people choose them."""

from clawstore.following.mails import NOTICE_KINDS as FOLLOWING
from foundation.notices.rules import NoticeKind
from moderation.mails import NOTICE_KINDS as MODERATION
from registry.transfers.mails import NOTICE_KINDS as TRANSFERS
from reviews.mails import NOTICE_KINDS as REVIEWS
from wordclaw.forms.mails import NOTICE_KINDS as FORMS
from wordclaw.policy.mails import NOTICE_KINDS as MEMBERS
from wordclaw.webhooks.mails import NOTICE_KINDS as WEBHOOKS
from wordclaw.workflow.mails import NOTICE_KINDS as CONTENT

NOTICE_KINDS: tuple[NoticeKind, ...] = (
    *(*REVIEWS, *MODERATION, *MEMBERS, *CONTENT),
    *(*FORMS, *WEBHOOKS, *FOLLOWING, *TRANSFERS),
)
