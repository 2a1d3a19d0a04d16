"""Schedules of the worker, in UTC."""

from foundation.jobs.schedules import RecurringJob, daily, hourly, minutely

SCHEDULES: tuple[RecurringJob, ...] = (
    # Soon after midnight, too: a new day moves the rolling sums.
    hourly("downloads.roll_windows", minute=3),
    hourly("access.delete_expired", minute=17),
    # Does nothing unless people must sign in again at times.
    hourly("profiles.end_old_access", minute=19),
    hourly("limits.delete_finished_windows", minute=17),
    hourly("notices.delete_old", minute=17),
    hourly("jobs.delete_finished", minute=17),
    hourly("webhooks.wake_forgotten", minute=13),
    daily("following.delete_old_news", hour=3, minute=21),
    daily("webhooks.delete_old_deliveries", hour=3, minute=19),
    hourly("requests.delete_old", minute=23),
    hourly("forms.delete_old_files", minute=27),
    daily("policy.delete_old_decisions", hour=3, minute=23),
    minutely("payments.reconcile"),
    minutely("mirroring.schedule"),
    hourly("payments.delete_unpaid", minute=27),
    hourly("publishing.delete_expired_drafts", minute=17),
    hourly("provenance.delete_expired_keys", minute=17),
    hourly("version_diffs.prepare_missing", minute=11),
    hourly("version_diffs.delete_unused", minute=17),
    hourly("version_pages.store_missing", minute=5),
    hourly("editorial.render_missing", minute=5),
    # Those of content that migrations made, and of items from before there were summaries.
    hourly("content.store_summaries", minute=25),
    hourly("reviews.tell_overdue", minute=7),
    hourly("vectors.embed_missing", minute=9),
    hourly("publishing.make_small_images", minute=21),
    # Events that have no reactions get their place in the change feed, too: those of the demo and
    # of a restored log.
    hourly("mirrors.append_missing_events", minute=29),
    daily("publishing.sweep_files", hour=3, minute=41),
    daily("database.optimize", hour=3, minute=53),
)
