"""Tables of the content: types, items, versions and references."""

from wordclaw.content.models.assets import Asset, AssetAccess
from wordclaw.content.models.items import (
    ContentItem,
    ContentItemVersion,
    ContentReference,
    PublicationState,
)
from wordclaw.content.models.sort_values import ContentSortValue
from wordclaw.content.models.space import ContentSpace
from wordclaw.content.models.types import ContentType, ContentTypeSchema

__all__ = [
    "Asset",
    "AssetAccess",
    "ContentItem",
    "ContentItemVersion",
    "ContentReference",
    "ContentSortValue",
    "ContentSpace",
    "ContentType",
    "ContentTypeSchema",
    "PublicationState",
]
