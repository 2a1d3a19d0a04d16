"""Events, patterns that match them, and times between attempts."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.module_loading import import_string

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

ALL = "*"
TEST_EVENT = "webhook.test"
MAX_PATTERNS = 50
MAX_WEBHOOKS = 100
SECRET_OVERLAP = timedelta(hours=24)
FIRST_RETRY_DELAY = timedelta(seconds=15)
MAX_RETRY_DELAY = timedelta(hours=6)
GIVING_UP_AFTER = timedelta(days=3)
RETENTION = timedelta(days=30)
# What a person asks for goes before all that waits, which is sent in the order of its times.
AT_ONCE = timedelta(days=30)
# One slow answer is no outage; from the third on a host costs one attempt for each interval.
FAILURES_THAT_OPEN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One event in the words of the product, for the webhooks of a tenant.

    ``id`` is the same however often the message is made: receivers recognise a repetition by it.
    ``about`` names the one thing that limited webhooks hear of.
    """

    tenant: str
    id: str
    event: str
    data: dict[str, Any] = field(default_factory=dict)
    about: str = ""


def known_events() -> Mapping[str, "str | StrPromise"]:
    """Return the events of ``settings.WEBHOOK_EVENTS`` with a sentence about each."""
    events: Mapping[str, str | StrPromise] = import_string(settings.WEBHOOK_EVENTS)
    return events


def matches(pattern: str, event: str) -> bool:
    """Whether ``*``, ``version.*`` or ``version.published`` matches an event."""
    if pattern.endswith(".*"):
        return event.startswith(pattern[:-1])
    return pattern in (ALL, event)


def matching_events(patterns: Sequence[str]) -> list[str]:
    """Return the known events that one of the patterns matches."""
    return [event for event in known_events() if hears(patterns, event)]


def hears(patterns: Sequence[str], event: str) -> bool:
    # A test is sent to the webhook that was asked for, whatever it is subscribed to.
    return any(matches(pattern, event) for pattern in patterns)


def unknown_patterns(patterns: Sequence[str]) -> list[str]:
    """Return the patterns that match no known event."""
    return [
        pattern
        for pattern in patterns
        if not any(matches(pattern, event) for event in known_events())
    ]


def retry_delay(attempts: int) -> timedelta:
    """Return 15 s after the first attempt, then twice as long, ± 20 %, at most 6 h."""
    delay = _doubled(attempts - 1)
    # Spread, so that the deliveries of one outage do not all come back in the same second.
    return delay * random.uniform(0.8, 1.2)  # noqa: S311 - no secret


def opening_time(failure_count: int) -> timedelta:
    """Return how long a host gets nothing after so many attempts without an answer."""
    return _doubled(max(failure_count - FAILURES_THAT_OPEN, 0))


def _doubled(times: int) -> timedelta:
    factor: int = 2 ** min(times, 20)
    return min(FIRST_RETRY_DELAY * factor, MAX_RETRY_DELAY)
