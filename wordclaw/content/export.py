"""Exported tables of content, and what one person wrote."""

from foundation.export import PersonalDataPart, Row, StoredFile, Table, is_sha256, rows_without
from wordclaw.content.assets.actions import ENDINGS, FOLDER
from wordclaw.content.models import (
    Asset,
    ContentItem,
    ContentItemVersion,
    ContentReference,
    ContentType,
    ContentTypeSchema,
)

# The host's migrations may add content to the store's domain, which is replaced with the domains.
DOMAINS = "domains"


def has_written_content() -> bool:
    """Whether an account has written content; that of migrations has no author."""
    has_authors: bool = ContentItemVersion.objects.exclude(author=None).exists()
    return has_authors


def check_asset(row: Row) -> str:
    key, sha256 = row["storage_key"], row["sha256"]
    # A deleted asset has neither.
    if key is None and sha256 is None:
        return ""
    ending = ENDINGS.get(row["content_type"])
    # An import file of a stranger could otherwise name the stored file of any other domain.
    is_expected = key == f"{FOLDER}/{row['domain_id']}/{sha256}.{ending}"
    if ending and is_expected and is_sha256(sha256):
        return ""
    return "the key of the stored file is not made of its domain, SHA-256 and type"


CONTENT_TYPES = Table(
    name="content_types",
    model=ContentType,
    omitted_columns=frozenset({"sorted_fields"}),
    order=["id"],
    private=True,
    replaces_rows=True,
    replaced_with=DOMAINS,
)
CONTENT_TYPE_SCHEMAS = Table(
    name="content_type_schemas",
    model=ContentTypeSchema,
    order=["id"],
    private=True,
    replaces_rows=True,
    replaced_with=DOMAINS,
)
CONTENT_ASSETS = Table(
    name="content_assets",
    model=Asset,
    order=["id"],
    private=True,
    problem=check_asset,
    stored_file=StoredFile(key="storage_key", sha256="sha256", size="size_bytes"),
    replaces_rows=True,
    replaced_with=DOMAINS,
)
CONTENT_ITEMS = Table(
    name="content_items",
    model=ContentItem,
    omitted_columns=frozenset({"title", "coverage", "summary_schema"}),
    order=["id"],
    private=True,
    # Items and versions refer to each other, so one of the two comes before its target exists.
    forward_references=frozenset({"published_version_id"}),
    replaces_rows=True,
    replaced_with=DOMAINS,
)
CONTENT_ITEM_VERSIONS = Table(
    name="content_item_versions",
    model=ContentItemVersion,
    order=["id"],
    private=True,
    replaces_rows=True,
    replaced_with=DOMAINS,
    has_more_than_migrated=has_written_content,
)
CONTENT_REFERENCES = Table(
    name="content_references",
    model=ContentReference,
    order=["id"],
    private=True,
    # The number means nothing elsewhere, and would clash with rows of the importing shop.
    omitted_columns=frozenset({"id"}),
    replaces_rows=True,
    replaced_with=DOMAINS,
)

PERSONAL_DATA = (
    PersonalDataPart(
        "content_item_versions",
        lambda user_id: rows_without(
            ContentItemVersion.objects.filter(author_id=user_id).order_by("created_at", "id")
        ),
    ),
)
