"""Signed links to assets: stateless, for one asset, for a time."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core import signing

from foundation.clock import now
from wordclaw.content.assets.errors import InvalidAssetLink
from wordclaw.content.models.assets import Asset

# Part of every link that was given away: the value must not change.
SALT = "wordclaw.asset"
MIN_TTL, DEFAULT_TTL, MAX_TTL = 30, 900, 3600
"""Seconds for which a link works."""


@dataclass(frozen=True, slots=True)
class AssetLink:
    """The token of a link; it works until ``expires_at``."""

    token: str
    expires_at: datetime


def sign_link(asset: Asset, *, ttl_seconds: int) -> AssetLink:
    """Return a token that opens the asset's bytes."""
    expires_at = now() + timedelta(seconds=ttl_seconds)
    # The end is part of the signed content, because a reader could change it in the address.
    content = {"asset": str(asset.pk), "until": int(expires_at.timestamp())}
    return AssetLink(signing.dumps(content, salt=SALT), expires_at)


def require_valid_link(asset: Asset, token: str) -> None:
    """Raise InvalidAssetLink unless the token opens this asset now."""
    try:
        content: Any = signing.loads(token, salt=SALT)
        asset_id, end = content["asset"], content["until"]
    except (signing.BadSignature, KeyError, TypeError, ValueError):
        # A forged and a damaged link get the same answer, which tells a forger nothing.
        raise InvalidAssetLink from None
    # Without this comparison a link to one asset would open every other of the shop.
    if asset_id != str(asset.pk) or datetime.fromtimestamp(end, UTC) <= now():
        raise InvalidAssetLink
