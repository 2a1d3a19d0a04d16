"""What the front page of the desk says of the queues."""

from django import template

from moderation.evidence import Waiting, what_waits

register = template.Library()


@register.simple_tag
def waiting() -> Waiting:
    """Open reports and appeals, how long the oldest has waited, and mails that were given up."""
    return what_waits()
