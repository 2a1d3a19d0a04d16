"""Lanes of the sandbox: the number of tasks at once, the longest wait, the limits."""

from django.conf import settings

from foundation.sandbox.pool import ChildPool, Lane
from registry.package.costs import TASK_LIMITS

UPLOAD_PATIENCE_SECONDS = 15.0
"""How long an upload waits for its turn: a little longer than the most costly one takes."""
READER_PATIENCE_SECONDS = 5.0
LIMITS = TASK_LIMITS
POOL = ChildPool("registry.examiner.tasks:Examiner")
# An upload keeps a thread while it waits, and half of the threads must stay for pages.
PUBLISHING = Lane(
    POOL,
    max_running=1,
    max_waiting=max(1, settings.WEB_THREADS // 2 - 1),
    patience=UPLOAD_PATIENCE_SECONDS,
)
READING = Lane(
    POOL,
    max_running=1,
    max_waiting=max(1, settings.WEB_THREADS // 4),
    patience=READER_PATIENCE_SECONDS,
)
# A file of a small package takes some milliseconds, so all threads may wait for their turn.
UNPACKING = Lane(
    POOL, max_running=1, max_waiting=settings.WEB_THREADS, patience=READER_PATIENCE_SECONDS
)
