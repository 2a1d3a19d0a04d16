"""Clean-up of credentials."""

from foundation.access.actions import delete_expired_device_logins, delete_expired_sessions
from foundation.access.oauth.clients import delete_unused_clients
from foundation.access.oauth.connections import delete_expired_tokens
from foundation.jobs.models import Job
from foundation.jobs.registry import job


@job("access.delete_expired")
def delete_expired(_job: Job) -> dict[str, int]:
    return {
        "device_logins": delete_expired_device_logins(),
        "sessions": delete_expired_sessions(),
        "apps": delete_expired_tokens(),
        "clients": delete_unused_clients(),
    }
