"""Room for content: items of a domain, bytes of an account, free disk space."""

import json
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.cache import caches

from foundation.files.space import require_free_space
from foundation.limits.actions import count_use
from foundation.limits.declarations import KIB, get_limit
from foundation.limits.errors import RateLimited
from wordclaw.content.errors import TooManyItems
from wordclaw.content.models import ContentItem
from wordclaw.policy.models import Domain

CONTENT_BYTES = "content_bytes"
"""The name of the limit of bytes."""
MAX_ITEMS = 100_000
COUNT_SECONDS = 30
"""How long a count is used. Counting takes longer than all the rest of a write."""


def require_room(domain: Domain) -> None:
    """Raise TooManyItems if the domain is full.

    The limit protects the machine and is not exact: each process counts twice a minute.
    """
    key = f"content-items:{domain.pk}"
    count = caches["values"].get(key)
    if count is None:
        # Deleted items do not count: their owner could not make room otherwise.
        count = ContentItem.objects.alive().filter(domain=domain).count()
        caches["values"].set(key, count, COUNT_SECONDS)
    if count >= MAX_ITEMS:
        raise TooManyItems(f"A domain has at most {MAX_ITEMS:,} items.")


def require_room_for_version(data: dict[str, Any], author_id: UUID | None) -> None:
    """Raise InsufficientStorage, or RateLimited for an author who wrote very much."""
    # A lone surrogate is valid in JSON, and must not be an error of the server here.
    size = len(json.dumps(data, ensure_ascii=False).encode("utf-8", "surrogatepass"))
    # The working copy, the version, and the log of the database.
    require_free_space(3 * size)
    # Migrations and commands have no author, and must not be refused half-way.
    if author_id is None or not settings.LIMITS_ON:
        return
    # One unit for each version beside its size, so that tiny edits in a loop end, too.
    usage = count_use(get_limit(CONTENT_BYTES), f"user:{author_id}", cost=1 + size // KIB)
    if usage.used > usage.limit.allowed:
        raise RateLimited(
            f"Your account may write {usage.limit.allowed // KIB} MiB of content in an hour."
            f" Try again in {usage.reset} seconds.",
            limit=CONTENT_BYTES,
            retry_after=usage.reset,
        )
