"""The jobs that follow each event of the audit log, by registered name."""

from clawstore.webhook_messages import BUILDERS

# Public events are also appended to the change feed.
TO_MIRRORS = "mirrors.append_recent_events"
TO_VECTORS = "vectors.embed"
# Until it has run, a page renders for each reader what the event has changed.
TO_PAGES = "version_pages.store"
TO_WEBHOOKS = "webhooks.emit"
TO_FOLLOWERS = "following.find"
# Texts of the former scope speak for a moved agent no longer.
TO_TEXTS = "editorial.agent_moved"

_REACTIONS: dict[str, tuple[str, ...]] = {
    "version.published": (TO_FOLLOWERS, TO_PAGES, TO_MIRRORS, TO_VECTORS, "version_diffs.prepare"),
    "review.posted": ("mails.review_posted",),
    "member.invite": ("mails.member_invited",),
    "review_task.submit": ("mails.review_wanted",),
    "review_task.overdue": ("mails.review_overdue",),
    "review_task.decide": ("mails.review_decided", "mails.form_decided"),
    "review_comment.create": ("mails.content_commented",),
    "form.submitted": ("mails.form_submitted",),
    "form_submission.answer": ("mails.form_answered",),
    "content_item.taken_down": ("mails.content_taken_down",),
    "content_item.hold_lifted": ("mails.content_taken_down",),
    "report.resolved": ("mails.report_decided", "mails.request_report_decided"),
    "report.dismissed": ("mails.report_decided", "mails.request_report_decided"),
    "version.yanked": ("mails.decision", TO_FOLLOWERS, TO_PAGES, TO_MIRRORS, TO_VECTORS),
    "version.unyanked": ("mails.decision", TO_PAGES, TO_MIRRORS, TO_VECTORS),
    "version.withheld": ("mails.decision", TO_FOLLOWERS, TO_PAGES, TO_MIRRORS, TO_VECTORS),
    "version.withholding_lifted": ("mails.decision", TO_PAGES, TO_MIRRORS, TO_VECTORS),
    "agent.delisted": ("mails.decision", TO_MIRRORS),
    "agent.relisted": ("mails.decision", TO_PAGES, TO_MIRRORS, TO_VECTORS),
    "agent.deprecated": (TO_FOLLOWERS, TO_MIRRORS),
    "agent.undeprecated": (TO_MIRRORS,),
    "agent.archived": (TO_FOLLOWERS, TO_MIRRORS),
    "agent.unarchived": (TO_MIRRORS,),
    "agent.transfer_offered": ("mails.transfer_offered",),
    "agent.transfer_declined": ("mails.transfer_decided",),
    "agent.transferred": (
        *("following.retarget", TO_TEXTS, "reviews.delete_own", "mails.transfer_decided"),
        *(TO_FOLLOWERS, TO_MIRRORS),
    ),
    "version.deprecated": (TO_FOLLOWERS, TO_MIRRORS),
    "version.undeprecated": (TO_MIRRORS,),
    "webhook.disabled": ("mails.webhook_disabled",),
    "api_key.leaked": ("mails.key_leaked",),
    "api_key.withdrawn": ("mails.key_withdrawn",),
    "account.suspended": ("mails.suspension",),
    "account.suspension_lifted": ("mails.suspension",),
    "appeal.upheld": ("mails.appeal_decided",),
    "appeal.rejected": ("mails.appeal_decided",),
}

REACTIONS = {
    action: _REACTIONS.get(action, ()) + ((TO_WEBHOOKS,) if action in BUILDERS else ())
    for action in (*_REACTIONS, *(action for action in BUILDERS if action not in _REACTIONS))
}
