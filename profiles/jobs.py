"""Background work on profiles."""

from typing import Any
from uuid import UUID

from foundation.actor import Actor
from foundation.jobs.models import Job
from foundation.jobs.registry import job
from profiles.actions import end_old_access
from profiles.mails import mail_former_address
from profiles.pictures import fetch_picture


@job("profiles.fetch_picture")
def fetch_profile_picture(job: Job) -> dict[str, Any]:
    return fetch_picture(UUID(job.payload["user"]))


@job("mails.address_changed")
def tell_former_address(job: Job) -> bool:
    return mail_former_address(job)


@job("profiles.end_old_access")
def end_access_without_sign_in(job: Job) -> int:
    return end_old_access(by=Actor(door="worker"))
