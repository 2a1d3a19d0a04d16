"""JSON of assets."""

from typing import Any

from django.conf import settings
from ninja import Schema
from pydantic import Field

from foundation.clock import iso
from wordclaw.content.assets.links import DEFAULT_TTL, MAX_TTL, MIN_TTL
from wordclaw.content.models.assets import Asset
from wordclaw.requests.schemas import StrictBody


class ContentAssetOut(Schema):
    id: str
    domain: str
    name: str
    mimeType: str
    sizeBytes: int
    sha256: str
    width: int | None
    height: int | None
    access: str
    url: str
    author: str | None
    createdAt: str


class AssetPage(Schema):
    items: list[ContentAssetOut]
    nextCursor: str | None = None


class AssetLinkIn(StrictBody):
    ttlSeconds: int = Field(DEFAULT_TTL, strict=True, ge=MIN_TTL, le=MAX_TTL)


class AssetLinkOut(Schema):
    url: str
    token: str
    expiresAt: str


def asset_url(asset: Asset) -> str:
    """Return the address of an asset's bytes."""
    return f"{settings.BASE_URL}/v1/domains/{asset.domain.name}/assets/{asset.pk}/content"


def asset_out(asset: Asset) -> dict[str, Any]:
    return {
        "id": str(asset.pk),
        "domain": asset.domain.name,
        "name": asset.name,
        "mimeType": asset.content_type,
        "sizeBytes": asset.size_bytes,
        "sha256": asset.sha256,
        "width": asset.width,
        "height": asset.height,
        "access": asset.access,
        "url": asset_url(asset),
        "author": asset.author.username if asset.author else None,
        "createdAt": iso(asset.created_at),
    }
