"""Background work on profiles."""

from typing import Any
from uuid import UUID

from foundation.jobs.models import Job
from foundation.jobs.registry import job
from profiles.pictures import fetch_picture


@job("profiles.fetch_picture")
def fetch_profile_picture(job: Job) -> dict[str, Any]:
    return fetch_picture(UUID(job.payload["user"]))
