"""Addresses of pages that show content."""

from django.urls import reverse

from clawstore.editorial.kinds import LISTINGS
from clawstore.editorial.models import ContentPage, ContentPageAgent
from registry.models import Agent
from wordclaw.content.models import ContentItem
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


def public_address(item: ContentItem) -> str:
    """Return the path where readers find a published item, "" if it has no page."""
    page = ContentPage.objects.filter(item=item).select_related("domain").first()
    if page is None:
        return ""
    if page.kind == LISTINGS:
        return _listing_address(page)
    # A notice stands on every page, and has none of its own.
    return "" if page.kind == "notice" else address_of(page.domain.name, page.kind, page.slug)


def _listing_address(page: ContentPage) -> str:
    """Return the page of the agent whose texts these are."""
    row = ContentPageAgent.objects.filter(page=page).select_related("agent").first()
    return reverse("agent", args=[row.agent.scope, row.agent.name]) if row else ""


def report_address(agent: Agent | None, page: str) -> str:
    """Return where a publisher's text is reported: the form of an agent.

    The form names the text. Without an agent it is the policy of moderation.
    """
    if agent is None:
        return reverse("about", args=["moderation"])
    return reverse("report_agent", args=[agent.scope, agent.name], query={"page": page})
