"""The format of columns: what filters, facets and the order need of each agent."""

from collections.abc import Iterable
from enum import IntFlag

import numpy as np

COLUMNS = np.dtype(
    [
        ("flags", "u1"),
        ("weight", "u1"),
        ("category", "<u4"),
        ("channel", "<u4"),
        ("license", "<u4"),
        ("provider", "<u4"),
        ("updated", "<u4"),
    ]
)
LANGUAGE_BITS = np.dtype("<u4")
"""Of each agent in a block, beside the columns: a bit for each language of its texts."""
COLUMN_BLOCK_SIZE = 1024
"""Agents in a block of columns, which a publish writes as a whole."""

FACETS = ("category", "channel", "license", "provider")
TAG = "tag"
"""The kind of the values that have no column, but a number of agents."""


# Stored in each block of columns: a number must not get another meaning.
class Flag(IntFlag):
    LISTED = 1
    OFFERS_BETA = 2
    REQUIRES_SECRETS = 4
    HAS_PRICE = 8


# Stored, too: a new language is added at the end.
LANGUAGES = (
    *("ar", "de", "el", "en", "es", "fr", "he", "hi"),
    *("it", "ja", "ko", "nl", "pt", "ru", "th", "zh"),
)


def language_bits(languages: Iterable[str]) -> int:
    """The bits of these languages together."""
    return sum(1 << LANGUAGES.index(language) for language in set(languages))
