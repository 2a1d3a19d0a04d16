"""Which agents have a property that filters and facets ask for."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from registry.models import Channel
from registry.search_index.columns import Flag
from registry.search_index.queries import Columns

Array = NDArray[Any]


def has_price(columns: Columns, numbers: Array) -> Array:
    is_paid: Array = columns.rows["flags"][numbers] & Flag.HAS_PRICE > 0
    return is_paid


def requires_secrets(columns: Columns, numbers: Array) -> Array:
    is_required: Array = columns.rows["flags"][numbers] & Flag.REQUIRES_SECRETS > 0
    return is_required


def is_in_channel(columns: Columns, channel: str, numbers: Array) -> Array:
    """Which of these agents are in a channel; "" is any."""
    if channel == Channel.BETA:
        offers_beta: Array = columns.rows["flags"][numbers] & Flag.OFFERS_BETA > 0
        return offers_beta
    is_listed: Array = columns.listed[numbers]
    return is_listed & has_value(columns, "channel", [channel], numbers) if channel else is_listed


def has_value(columns: Columns, kind: str, values: Iterable[str], numbers: Array | slice) -> Array:
    codes = [columns.codes[kind, value] for value in values if (kind, value) in columns.codes]
    column = columns.rows[kind][numbers]
    return column == codes[0] if len(codes) == 1 else np.isin(column, codes)
