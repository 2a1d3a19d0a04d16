"""Template tags about requests to the maintainers."""

from django import template

from clawstore.intake.queries import count_open_requests

register = template.Library()


@register.simple_tag
def open_requests() -> int:
    """The number of requests that wait for a decision."""
    return count_open_requests()
