"""The number of items that a domain may have."""

from foundation.caching import store
from wordclaw.content.errors import TooManyItems
from wordclaw.content.models import ContentItem
from wordclaw.policy.models import Domain

MAX_ITEMS = 100_000
COUNT_SECONDS = 30
"""How long a count is used. Counting takes longer than all the rest of a write."""


def refuse_full_domain(domain: Domain) -> None:
    """Raise TooManyItems if the domain is full.

    The limit protects the machine and is not exact: each process counts twice a minute.
    """
    key = f"content-items:{domain.pk}"
    count = store.read("values", key)
    if count is None:
        # Deleted items do not count: deleting would otherwise free no place.
        count = ContentItem.objects.alive().filter(domain=domain).count()
        store.write("values", key, count, timeout=COUNT_SECONDS)
    if count >= MAX_ITEMS:
        raise TooManyItems(f"A domain has at most {MAX_ITEMS:,} items.")
