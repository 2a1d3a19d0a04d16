"""What the background worker does by the clock."""

from huey import crontab
from huey.contrib.djhuey import db_periodic_task, db_task

from foundation.access.actions import forget_expired_device_logins, forget_expired_sessions
from foundation.jobs.actions import delete_finished_jobs, run_due_jobs
from foundation.limits.actions import forget_finished_windows
from foundation.notices.actions import forget_sent_notices
from registry.diffs.jobs import delete_unused_diffs
from registry.downloads.rolling import forget_seen, forget_sketches, roll_windows
from registry.downloads.trending import refresh_rising
from registry.mirrors.actions import append_missing_events
from registry.publishing.drafts import forget_expired_drafts
from registry.publishing.sweep import sweep_files


@db_task()
def deliver_now() -> None:
    """As soon as something was written down: mail goes out within seconds."""
    run_due_jobs()


@db_periodic_task(crontab())
def deliver_what_is_due() -> None:
    """Every minute: what was to be tried again, and what a crash left behind."""
    run_due_jobs()


@db_periodic_task(crontab(minute="17"))
def forget_what_is_over() -> None:
    """Hourly: codes and counters that nobody can use any more."""
    forget_expired_device_logins()
    forget_expired_sessions()
    forget_finished_windows()
    forget_expired_drafts()
    delete_finished_jobs()
    delete_unused_diffs()
    forget_sent_notices()


@db_periodic_task(crontab(minute="3"))
def move_windows_on() -> None:
    """Hourly, and soon after midnight: what happened in the last days, and who was seen today."""
    roll_windows()
    refresh_rising()
    forget_seen()
    forget_sketches()


@db_periodic_task(crontab(minute="29"))
def number_what_was_missed() -> None:
    """Hourly: events of which nothing followed (a demo, a restored log) get their place, too."""
    append_missing_events()


@db_periodic_task(crontab(hour="3", minute="41"))
def remove_orphaned_files() -> None:
    """Daily: what crashed publishes left in the storage."""
    sweep_files()
