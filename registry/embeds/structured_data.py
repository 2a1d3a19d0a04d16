"""An agent as search engines read it: schema.org, as JSON inside the page."""

import json
from typing import Any

from django.conf import settings
from django.urls import reverse

from foundation.clock import iso
from registry.agents.detail import Sheet
from registry.embeds.social_image import picture_address

# Inside a script element nothing may look like its end, or like a comment.
ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


def structured_json(sheet: Sheet) -> str:
    """What an offered version is, as JSON that can stand inside a script element."""
    text = json.dumps(_described(sheet), ensure_ascii=False, separators=(",", ":"))
    return text.translate(ESCAPES)


def _described(sheet: Sheet) -> dict[str, Any]:
    agent, version, owner = sheet.agent, sheet.version, sheet.agent.owner_profile
    said: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "SoftwareApplication",
        "name": agent.display_name,
        "alternateName": agent.full_id,
        "description": agent.tagline,
        "url": settings.BASE_URL + reverse("agent", args=[agent.scope, agent.name]),
        "image": picture_address(agent),
        "applicationCategory": agent.category.name,
        "softwareVersion": version.version,
        "datePublished": iso(agent.created_at),
        "dateModified": iso(version.uploaded_at),
        "license": agent.license,
        "author": {
            "@type": "Person",
            "name": owner.shown_name,
            "url": settings.BASE_URL + reverse("person", args=[owner.github_login]),
        },
        "offers": {"@type": "Offer", "price": "0", "priceCurrency": "USD"},
    }
    # A rating that nobody gave is none; search engines refuse one with a count of 0, too.
    if agent.review_count and agent.avg_rating is not None:
        said["aggregateRating"] = {
            "@type": "AggregateRating",
            "ratingValue": round(agent.avg_rating, 2),
            "ratingCount": agent.review_count,
            "bestRating": 5,
            "worstRating": 1,
        }
    return said
