"""Template tags for parts of pages that are stored."""

from collections.abc import Mapping

from django import template
from django.utils.safestring import SafeString

from foundation.web import parts
from registry.agents.detail import AgentVersionDetail
from registry.agents.rendered import fill_version_part

register = template.Library()


@register.simple_tag
def slot(template_name: str, **context: object) -> SafeString:
    """A place for what changes: ``{% slot "path.html" detail=detail %}``."""
    return parts.slot(template_name, context)


@register.simple_tag
def version_part(
    name: str, detail: AgentVersionDetail, stored_parts: Mapping[str, parts.Segments] | None
) -> SafeString:
    """A stored part, or rendered now: ``{% version_part "label" detail parts %}``."""
    return fill_version_part(name, detail, stored_parts or {})
