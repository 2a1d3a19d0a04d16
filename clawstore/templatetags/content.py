"""Template tags about pages that show content."""

from django import template

from clawstore.editorial.addresses import address_of
from clawstore.editorial.queries import PageEntry

register = template.Library()


@register.simple_tag
def content_address(entry: PageEntry) -> str:
    """The path of a page: ``{% content_address entry %}``."""
    return address_of(entry.domain, entry.kind, entry.slug)
