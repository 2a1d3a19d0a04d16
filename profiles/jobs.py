"""Background work on profiles."""

from typing import Any
from uuid import UUID

from foundation.jobs.models import Job
from foundation.jobs.registry import job
from profiles.mails import mail_former_address
from profiles.pictures import fetch_picture


@job("profiles.fetch_picture")
def fetch_profile_picture(job: Job) -> dict[str, Any]:
    return fetch_picture(UUID(job.payload["user"]))


@job("mails.address_changed")
def tell_former_address(job: Job) -> bool:
    return mail_former_address(job)
