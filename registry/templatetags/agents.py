"""What templates ask of agents beyond their columns."""

from django import template

from registry.seals import Seal, seal_of

register = template.Library()


@register.filter
def seal(text: str) -> Seal:
    """The seal of an id: ``{% with mark="@ada/coach"|seal %}``."""
    return seal_of(text)
