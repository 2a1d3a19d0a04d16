"""Stored parts of pages: HTML rendered once, with slots for what changes.

A template is the only source of a part. Where it shows something that changes, it has a slot with
a template of its own::

    {% slot "components/label/numbers.html" detail=detail %}

`render_part` renders everything but the slots, and `fill_part` renders the slots when the part is
read. Rendered outside of `render_part`, a slot is like an include. See ADR 32.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from secrets import token_hex

from django.template import Context, Engine
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

Segments = Sequence[str]
"""HTML, and then in turn the template of a slot and the HTML behind it."""

_separator: ContextVar[str | None] = ContextVar("separator", default=None)


def render_part(template: str, context: Mapping[str, object]) -> list[str]:
    """Render a template, with its slots left open."""
    # Random, so that no text of a stranger can contain it.
    separator = token_hex(16)
    with _open_slots(separator):
        return render_to_string(template, dict(context)).split(separator)


def fill_part(segments: Segments, context: Mapping[str, object]) -> SafeString:
    """The HTML of a part; ``context`` has the variables that its slots name."""
    # Without the wrapper of `get_template`, which takes as long as a small slot: a list has sixty.
    engine, values = Engine.get_default(), Context(dict(context))
    return mark_safe(
        "".join(
            engine.get_template(segment).render(values) if index % 2 else segment
            for index, segment in enumerate(segments)
        )
    )


def slot(template: str, context: Mapping[str, object]) -> SafeString:
    """The HTML of a slot: a mark while a part is rendered, else its template."""
    separator = _separator.get()
    if separator is None:
        return render_to_string(template, dict(context))
    return mark_safe(f"{separator}{template}{separator}")


@contextmanager
def _open_slots(separator: str) -> Iterator[None]:
    token = _separator.set(separator)
    try:
        yield
    finally:
        _separator.reset(token)
