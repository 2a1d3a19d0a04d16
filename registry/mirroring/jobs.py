"""The mirror that the settings name, as jobs."""

from datetime import timedelta
from typing import Any

from django.conf import settings

from foundation.actor import Actor
from foundation.clock import now
from foundation.jobs.actions import enqueue
from foundation.jobs.models import Job
from foundation.jobs.registry import job
from foundation.refusals import Refusal
from registry.mirroring.actions import run_mirror
from registry.mirroring.source import read_origin
from registry.models import Mirror

FOLLOW, QUEUE = "mirroring.follow", "mirroring"
MAX_PAUSE = timedelta(minutes=30)


@job("mirroring.schedule")
def schedule(_job: Job) -> bool:
    """Enqueue a run in its own queue, because a first run may take hours."""
    if not settings.MIRROR_URL or _is_paused():
        return False
    if Job.objects.unfinished().filter(kind=FOLLOW, queue=QUEUE).exists():
        return False
    enqueue(FOLLOW, {}, queue=QUEUE)
    return True


def _is_paused() -> bool:
    """Whether the source failed a short time ago, compared with how long it fails."""
    mirror = Mirror.objects.filter(source=read_origin(settings.MIRROR_URL)).first()
    if mirror is None or mirror.failed_at is None:
        return False
    begin = mirror.succeeded_at or mirror.created_at
    if begin > mirror.failed_at:
        return False
    return now() < mirror.failed_at + min((mirror.failed_at - begin) / 4, MAX_PAUSE)


@job(FOLLOW)
def follow(_job: Job) -> dict[str, Any]:
    """Run the mirror. A refusal is a result: a later minute tries again."""
    try:
        result = run_mirror(
            settings.MIRROR_URL,
            scopes=[scope for scope in settings.MIRROR_SCOPES if scope != "*"],
            follows_all="*" in settings.MIRROR_SCOPES,
            key=settings.MIRROR_KEY,
            by=Actor(door="system"),
        )
    except Refusal as refusal:
        return {"code": refusal.code, "message": refusal.message}
    return {
        "agents": result.agent_count,
        "published": result.published_count,
        "skipped": result.skipped_count,
        "problems": result.problem_count,
    }
