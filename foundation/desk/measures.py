"""Measures: what a maintainer can do to a row at the desk.

Each app declares its measures once, in a module ``measures``. The admin class of a row lists them,
and a page about another row offers them about its subject with `Measure.about`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from foundation.actor import Actor

FormData = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """An action that a maintainer can take on a row.

    ``run(row, form_data, by)`` returns False if nothing changed, and may raise a refusal.
    ``readers`` tells who reads the reason. ``asks`` names the extra form fields that are required.
    ``message(row, form_data, by)`` returns the text after the measure. ``undo`` names the measure
    that reverses this one; without it, a measure is final. ``many`` is the label for several rows,
    a lazy plural of their number; only a measure that is offered in bulk has one.
    """

    name: str
    label: Any
    consequence: Any
    readers: Any
    run: Callable[[Any, FormData, Actor], object]
    message: Callable[[Any, FormData, Actor], str]
    # A decision without a reason cannot be explained or appealed against.
    needs_reason: bool = True
    asks: tuple[str, ...] = ()
    applies: Callable[[Any], bool] = lambda row: True
    undo: str = ""
    many: Any = ""

    def about(
        self,
        subject: Callable[[Any, FormData], Any],
        *,
        applies: Callable[[Any], bool],
        asks: tuple[str, ...] = (),
        **changes: Any,
    ) -> "Measure":
        """The same measure on a row of another kind.

        ``subject(row, form_data)`` is the row that the measure changes. ``asks`` names the fields
        that choose the subject, and ``changes`` replaces other attributes.
        """
        own: dict[str, Any] = {
            "run": lambda row, form, by: self.run(subject(row, form), form, by),
            "message": lambda row, form, by: self.message(subject(row, form), form, by),
            "applies": applies,
            "asks": (*asks, *self.asks),
        }
        return replace(self, **own | changes)
