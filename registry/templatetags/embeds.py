"""Tags for the metadata of an agent's page: preview picture and structured data."""

from django import template
from django.utils.safestring import SafeString, mark_safe

from registry.agents.detail import AgentVersionDetail
from registry.embeds import social_image
from registry.embeds.structured_data import structured_data_json
from registry.models import Agent

register = template.Library()


@register.simple_tag
def social_image_url(agent: Agent) -> str:
    return social_image.social_image_url(agent)


@register.simple_tag
def structured_data(detail: AgentVersionDetail) -> SafeString:
    """The agent described for search engines.

    The content security policy does not block the element, because it is data and no script.
    """
    # It has escaped all markup.
    json = structured_data_json(detail)
    return mark_safe(f'<script type="application/ld+json">{json}</script>')
