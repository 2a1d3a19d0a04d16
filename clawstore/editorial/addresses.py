"""Addresses of pages that show content."""

from django.urls import reverse

from registry.models import Agent
from wordclaw.policy.actions import STORE


def address_of(domain_name: str, kind: str, slug: str) -> str:
    """Return the path of a page."""
    if kind == "policies":
        return reverse("about", args=[slug])
    if kind == "faqs":
        return f"{reverse('scope_content', args=[domain_name])}#q-{slug}"
    if domain_name == STORE:
        return reverse(f"{kind}_page", args=[slug])
    return reverse(f"scope_{kind}_page", args=[domain_name, slug])


def report_address(agent: Agent | None, page: str) -> str:
    """Return where a publisher's text is reported: the form of an agent.

    The form names the text. Without an agent it is the policy of moderation.
    """
    if agent is None:
        return reverse("about", args=["moderation"])
    return reverse("report_agent", args=[agent.scope, agent.name], query={"page": page})
