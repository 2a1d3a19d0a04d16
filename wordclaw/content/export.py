"""Exported tables of content, and what one person wrote."""

from foundation.export import PersonalDataPart, Table, rows_without
from wordclaw.content.models import (
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


CONTENT_TYPES = Table(
    name="content_types",
    model=ContentType,
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
CONTENT_ITEMS = Table(
    name="content_items",
    model=ContentItem,
    order=["id"],
    private=True,
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
    omitted=frozenset({"id"}),
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
