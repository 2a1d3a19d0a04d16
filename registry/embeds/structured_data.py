"""Structured data of an agent for search engines (schema.org, JSON-LD)."""

import json
from typing import Any

from django.conf import settings
from django.urls import reverse

from foundation.clock import iso
from registry.agents.detail import AgentVersionDetail

SATOSHIS_PER_BITCOIN = 100_000_000
# Inside a script element no text may look like its end or like a comment.
ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


def _offer(price_satoshis: int | None) -> dict[str, str]:
    """The offer that search engines require, for free agents, too."""
    if price_satoshis is None:
        return {"@type": "Offer", "price": "0", "priceCurrency": "USD"}
    price = f"{price_satoshis / SATOSHIS_PER_BITCOIN:.8f}"
    return {"@type": "Offer", "price": price, "priceCurrency": "XBT"}


def structured_data_json(detail: AgentVersionDetail) -> str:
    """Describe an available version as JSON that is safe inside a script element."""
    agent, version, owner = detail.agent, detail.version, detail.agent.owner_profile
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "SoftwareApplication",
        "name": agent.display_name,
        "alternateName": agent.full_id,
        "description": agent.tagline,
        "url": settings.BASE_URL + reverse("agent", args=[agent.scope, agent.name]),
        # Without the digest of its content, which takes longer to compute than all the rest.
        "image": settings.BASE_URL + reverse("social_picture", args=[agent.scope, agent.name]),
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
        "offers": _offer(agent.price_satoshis),
    }
    # Search engines reject a rating without reviews.
    if agent.review_count and agent.avg_rating is not None:
        data["aggregateRating"] = {
            "@type": "AggregateRating",
            "ratingValue": round(agent.avg_rating, 2),
            "ratingCount": agent.review_count,
            "bestRating": 5,
            "worstRating": 1,
        }
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return text.translate(ESCAPES)
