"""The format of columns: what filters, facets and the order need of each agent."""

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
