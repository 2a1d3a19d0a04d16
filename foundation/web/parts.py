"""Stored parts of pages: HTML rendered once, with slots for what changes.

A template is the only source of a part. Where it shows something that changes, it has a slot with
a template of its own::

    {% slot "components/label/numbers.html" detail=detail %}

`render_part` renders everything but the slots, and `fill_part` renders the slots when the part is
read. Rendered outside of `render_part`, a slot is like an include. See ADR 32.

A slot of which a page has many may be a function instead of a template: `slot_function`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from secrets import token_hex
from typing import Any

from django.template import Context, Engine
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

Segments = Sequence[str]
"""HTML, and then in turn the template of a slot and the HTML behind it."""
SlotFunction = Callable[[Mapping[str, Any]], str]

_functions: dict[str, SlotFunction] = {}

_separator: ContextVar[str | None] = ContextVar("separator", default=None)


def render_part(template: str, context: Mapping[str, object]) -> list[str]:
    """Render a template, with its slots left open."""
    # Random, so that no text of a stranger can contain it.
    separator = token_hex(16)
    with _open_slots(separator):
        return render_to_string(template, dict(context)).split(separator)


def slot_function(name: str) -> Callable[[SlotFunction], SlotFunction]:
    """Use a function for the slots of a name: it gets the context and returns HTML.

    A list has sixty slots, and a template takes ten times as long.
    """

    def register(function: SlotFunction) -> SlotFunction:
        _functions[name] = function
        return function

    return register


def fill_part(segments: Segments, context: Mapping[str, object]) -> SafeString:
    """The HTML of a part; ``context`` has the variables that its slots name."""
    return mark_safe(
        "".join(
            _fill_slot(segment, context) if index % 2 else segment
            for index, segment in enumerate(segments)
        )
    )


def _fill_slot(name: str, context: Mapping[str, object]) -> str:
    if name in _functions:
        return _functions[name](context)
    # Without the wrapper of `get_template`, which takes as long as a small slot.
    return Engine.get_default().get_template(name).render(Context(dict(context)))


def slot(template: str, context: Mapping[str, object]) -> SafeString:
    """The HTML of a slot: a mark while a part is rendered, else its template."""
    separator = _separator.get()
    if separator is None:
        return mark_safe(_fill_slot(template, context))
    return mark_safe(f"{separator}{template}{separator}")


@contextmanager
def _open_slots(separator: str) -> Iterator[None]:
    token = _separator.set(separator)
    try:
        yield
    finally:
        _separator.reset(token)
