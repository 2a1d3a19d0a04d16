"""Measures: what a maintainer can do to a row at the desk."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from foundation.actor import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """An action that a maintainer can take on a row.

    ``run(row, form_data, by)`` returns False if nothing changed, and may raise a refusal.
    ``readers`` tells who reads the reason. ``asks`` names the extra form fields that are required.
    ``done(row, form_data, by)`` returns the message after the measure; without it the label serves.
    """

    name: str
    label: Any
    consequence: Any
    readers: Any
    run: Callable[[Any, Mapping[str, Any], Actor], object]
    # A decision without a reason cannot be explained or appealed against.
    needs_words: bool = True
    asks: tuple[str, ...] = ()
    applies: Callable[[Any], bool] = lambda row: True
    done: Callable[[Any, Mapping[str, Any], Actor], str] | None = None
