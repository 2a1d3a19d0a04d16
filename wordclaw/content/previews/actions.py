"""Preview links: signed, stateless, for one item, always of its newest version."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core import signing
from django.db import transaction

from foundation.actor import Actor
from foundation.clock import now
from wordclaw.content.errors import InvalidPreviewToken
from wordclaw.content.items.actions import find_by_id, lock_item
from wordclaw.content.items.queries import ItemView, get_item, read_locale, view_item
from wordclaw.content.items.recording import record_change
from wordclaw.content.models import ContentItem
from wordclaw.content.models.items import new_preview_salt
from wordclaw.content.paywall import require_free
from wordclaw.policy.actions import authorize
from wordclaw.policy.models import Domain

# Part of every link that was given away: the value must not change.
SALT = "wordclaw.preview"
MIN_TTL, DEFAULT_TTL, MAX_TTL = 60, 900, 3600
"""Seconds for which a link works."""


@dataclass(frozen=True, slots=True)
class PreviewToken:
    """A preview link's token; it works until ``expires_at``."""

    token: str
    expires_at: datetime


@transaction.atomic
def issue_preview(
    domain: Domain, item_id: str, *, ttl_seconds: int, locale: str | None, by: Actor
) -> PreviewToken:
    """Return a token for an item's working copy.

    Raises ItemNotFound, PreviewPaywallUnsupported or UnsupportedLocale.
    """
    authorize(by, "content.write", domain, resource_type="content_item", resource_id=item_id)
    item = get_item(domain, item_id)
    require_free(item)
    # Refuses a wrong language now, while the member can correct it, and not at the reader.
    read_locale(item.content_type, locale, None)
    expires_at = now() + timedelta(seconds=ttl_seconds)
    content = {
        "item": str(item.pk),
        # Tokens are stored nowhere, so the changeable salt is the only way to revoke them.
        "salt": item.preview_salt,
        "until": int(expires_at.timestamp()),
        "locale": locale,
    }
    record_change("preview_issue", item, by=by, ttlSeconds=ttl_seconds)
    return PreviewToken(signing.dumps(content, salt=SALT), expires_at)


@transaction.atomic
def revoke_previews(domain: Domain, item_id: str, *, by: Actor) -> ContentItem:
    """Make all preview links of an item useless. Raises ItemNotFound."""
    authorize(by, "content.write", domain, resource_type="content_item", resource_id=item_id)
    item = lock_item(domain, item_id)
    item.preview_salt = new_preview_salt()
    item.save(update_fields=["preview_salt"])
    record_change("preview_revoke", item, by=by)
    return item


def open_preview(token: str) -> ItemView:
    """Return the working copy behind a token.

    Raises InvalidPreviewToken or PreviewPaywallUnsupported.
    """
    try:
        content: Any = signing.loads(token, salt=SALT)
        item_id, salt, end = content["item"], content["salt"], content["until"]
    except (signing.BadSignature, KeyError, TypeError, ValueError):
        raise InvalidPreviewToken from None
    # In every domain: the token is the right, and names the item.
    items = ContentItem.objects.alive().with_readers_parts()
    item = find_by_id(items, item_id)
    is_expired = datetime.fromtimestamp(end, UTC) <= now()
    if is_expired or item is None or item.preview_salt != salt:
        raise InvalidPreviewToken
    # It may have got its price after the link was made.
    require_free(item)
    locale = read_locale(item.content_type, content.get("locale"), None)
    return view_item(item, draft=True, locale=locale)
