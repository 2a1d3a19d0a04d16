"""Pages after an import: they are not exported, as content determines them."""

from collections.abc import Collection

from django.apps import apps

from clawstore.editorial.actions import store_pages_again
from clawstore.editorial.seeding import seed_store
from foundation.clock import now


def after_import(_absent: Collection[str]) -> None:
    """Compute all pages, and add the types and policies that an older export lacks."""
    seed_store(apps, now())
    store_pages_again()
