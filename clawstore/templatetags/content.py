"""Template tags about pages that show content."""

from collections.abc import Sequence

from django import template
from django.utils.safestring import SafeString

from clawstore.editorial.addresses import address_of
from clawstore.editorial.queries import ChosenAgent, PageEntry
from registry.templatetags.rows import agent_rows

register = template.Library()


@register.simple_tag
def content_address(entry: PageEntry) -> str:
    """The path of a page: ``{% content_address entry %}``."""
    return address_of(entry.domain, entry.kind, entry.slug)


@register.simple_tag
def chosen_rows(agents: Sequence[ChosenAgent]) -> list[tuple[SafeString, ChosenAgent]]:
    """Row and words of each agent: ``{% chosen_rows chosen as rows %}``."""
    rows = agent_rows([agent.row for agent in agents], heading="h3")
    return [(row, agent) for row, agent in zip(rows, agents, strict=True)]
