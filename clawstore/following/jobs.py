"""Telling followers, and clean-up."""

from uuid import UUID

from clawstore.following.actions import delete_old_news, retarget_follows
from clawstore.following.fan_out import (
    MAIL,
    MATCH_SEARCHES,
    TELL,
    find_followers,
    match_searches,
    tell_followers,
)
from clawstore.following.mails import mail_news
from foundation.audit.queries import event_of_job
from foundation.jobs.models import Job
from foundation.jobs.registry import job


@job("following.find")
def find(job: Job) -> bool:
    return find_followers(event_of_job(job))


@job("following.retarget")
def retarget(job: Job) -> int:
    event = event_of_job(job)
    return retarget_follows(event.entity_id, event.details["to"])


@job(TELL)
def tell(job: Job) -> int:
    return tell_followers(job.payload)


@job(MATCH_SEARCHES)
def match(job: Job) -> int:
    return match_searches(job.payload)


@job(MAIL)
def mail_follower(job: Job) -> bool:
    return mail_news(job.payload["follow"], UUID(job.payload["event"]))


@job("following.delete_old_news")
def delete_old(_job: Job) -> int:
    return delete_old_news()
