"""Icons of lucide, each drawn once per process."""

from functools import lru_cache

from django import template
from django.utils.safestring import SafeString, mark_safe
from lucide.templatetags.lucide import lucide as draw_icon

register = template.Library()


@register.simple_tag
def icon(name: str, *, size: int = 24, **attributes: str) -> SafeString:
    """An icon: ``{% icon "star" size=18 class="star" %}``."""
    return _draw(name, size, tuple(attributes.items()))


# The library copies and prints an XML tree at each use, which takes 0.1 ms.
@lru_cache(maxsize=256)
def _draw(name: str, size: int, attributes: tuple[tuple[str, str], ...]) -> SafeString:
    return mark_safe(draw_icon(name, size=size, **dict(attributes)))
