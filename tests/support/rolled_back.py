"""Several cases in one test, each on the same rows."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.cache import caches
from django.db import transaction

from registry.search_index.queries import forget_columns
from registry.search_index.word_filter import forget_word_filter
from registry.vectors.queries import forget_vectors


@contextmanager
def rolled_back() -> Iterator[None]:
    """Undo the writes of a block, so that the next case finds the rows of the first."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    clear_caches()


def clear_caches() -> None:
    """Clear all caches: a rolled-back revision would find its old values again."""
    for name in settings.CACHES:
        caches[name].clear()
    forget_columns()
    forget_word_filter()
    forget_vectors()
