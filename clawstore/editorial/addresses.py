"""Addresses of pages that show content."""

from django.urls import reverse

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
