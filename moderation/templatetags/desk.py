"""Template tag for the start page of the desk."""

from django import template

from moderation.evidence import DeskQueue, desk_queue

register = template.Library()


@register.simple_tag
def waiting() -> DeskQueue:
    """Open reports and appeals with their waiting times, and failed jobs."""
    return desk_queue()
