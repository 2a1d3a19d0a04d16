"""What a page says to other programs."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from registry.agents.detail import Sheet
from registry.embeds.social_image import social_image_url
from registry.embeds.structured_data import structured_data_json
from registry.models import Agent

register = template.Library()


@register.simple_tag
def picture_of(agent: Agent) -> str:
    """The address of the picture that stands beside a link to the agent."""
    return social_image_url(agent)


@register.simple_tag
def structured_data(sheet: Sheet) -> SafeString:
    """The agent for search engines. Data, no script: nothing runs it, and the policy that stops
    inline scripts does not concern it."""
    said = mark_safe(structured_data_json(sheet))  # It escapes what could end the element.
    return format_html('<script type="application/ld+json">{}</script>', said)
