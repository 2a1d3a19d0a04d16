"""Names of jobs, which the database stores: a renamed job would be lost."""

from clawstore.reactions import REACTIONS
from clawstore.schedules import SCHEDULES
from foundation.jobs.registry import JOBS

NAMES = [
    "access.delete_expired",
    "content.change_state",
    "content.store_sort_values",
    "content.store_summaries",
    "database.optimize",
    "downloads.roll_windows",
    "editorial.agent_moved",
    "editorial.render_missing",
    "following.delete_old_news",
    "following.find",
    "following.match_searches",
    "following.retarget",
    "following.tell",
    "forms.delete_old_files",
    "jobs.delete_finished",
    "limits.delete_finished_windows",
    "mails.address_changed",
    "mails.appeal_decided",
    "mails.content_commented",
    "mails.content_taken_down",
    "mails.decision",
    "mails.following",
    "mails.form_answered",
    "mails.form_decided",
    "mails.form_submitted",
    "mails.key_leaked",
    "mails.key_withdrawn",
    "mails.member_invited",
    "mails.report_decided",
    "mails.request_report_decided",
    "mails.review_decided",
    "mails.review_overdue",
    "mails.review_posted",
    "mails.review_wanted",
    "mails.suspension",
    "mails.transfer_decided",
    "mails.transfer_offered",
    "mails.webhook_disabled",
    "mirroring.follow",
    "mirroring.schedule",
    "mirrors.append_missing_events",
    "mirrors.append_recent_events",
    "notices.delete_old",
    "payments.check",
    "payments.delete_unpaid",
    "payments.reconcile",
    "policy.delete_old_decisions",
    "profiles.end_old_access",
    "profiles.fetch_picture",
    "provenance.delete_expired_keys",
    "publishing.delete_expired_drafts",
    "publishing.make_small_images",
    "publishing.sweep_files",
    "requests.delete_old",
    "reviews.delete_own",
    "reviews.tell_overdue",
    "vectors.embed",
    "vectors.embed_missing",
    "version_diffs.delete_unused",
    "version_diffs.prepare",
    "version_diffs.prepare_missing",
    "version_pages.store",
    "version_pages.store_missing",
    "webhooks.delete_old_deliveries",
    "webhooks.deliver",
    "webhooks.emit",
    "webhooks.wake_forgotten",
]


def test_job_names_never_change():
    assert sorted(JOBS) == NAMES


def test_every_job_name_is_used():
    reactions = {name for names in REACTIONS.values() for name in names}
    scheduled_names = {schedule.kind for schedule in SCHEDULES}

    enqueued_names = {
        "content.change_state",
        "content.store_sort_values",
        "mails.address_changed",
        "mirroring.follow",
        "profiles.fetch_picture",
        *("following.tell", "following.match_searches", "mails.following"),
        "webhooks.deliver",
        "payments.check",
    }
    assert reactions | scheduled_names | enqueued_names == set(NAMES)
