"""Content items, their versions, and what they refer to."""

import json
import secrets
import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from foundation.clock import now
from foundation.immutable import AppendOnly, AppendOnlyQuerySet
from wordclaw.content.models.assets import Asset
from wordclaw.content.models.types import ContentType
from wordclaw.policy.models import Domain

STATUS_LENGTH = 32
TITLE_LENGTH = 121
MESSAGE_LENGTH = 500
DRAFT, PUBLISHED, ARCHIVED = "draft", "published", "archived"
IN_REVIEW, CHANGES_REQUESTED = "in_review", "changes_requested"


class ReadableJson(json.JSONEncoder):
    """JSON without escaped letters, so that a text search finds them."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**(options | {"ensure_ascii": False}))


def new_preview_salt() -> str:
    return secrets.token_hex(8)


class PublicationState(models.TextChoices):
    """How the working copy relates to what readers get."""

    PUBLISHED = "published"
    CHANGED = "changed"
    DRAFT = "draft"
    UNPUBLISHED = "unpublished"


class ContentItemQuerySet(models.QuerySet["ContentItem"]):
    def alive(self) -> "ContentItemQuerySet":
        """Items that are not deleted."""
        return self.filter(deleted_at=None)

    def of_type(self, content_type: ContentType) -> "ContentItemQuerySet":
        return self.alive().filter(content_type=content_type)

    def for_lists(self) -> "ContentItemQuerySet":
        """With the type, but without documents, which may be megabytes."""
        items = self.select_related("content_type")
        return items.defer("data", "content_type__schema_text", "content_type__manifest_text")

    def with_readers_parts(self) -> "ContentItemQuerySet":
        """With the type, the published version and the authors, which each answer shows."""
        return self.select_related("content_type__domain", "published_version__author", "author")


class ContentItem(models.Model):
    """The working copy of one piece of content. ``content_items`` of the data model.

    Readers get ``published_version``, never the working copy. Every change of data or state
    increases ``version`` and adds a row of that number to the versions.
    """

    State = PublicationState

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # No index of their own: the planner would prefer it to those below, which lists and counts can
    # read without the rows.
    domain = models.ForeignKey(Domain, models.PROTECT, related_name="+", db_index=False)
    content_type = models.ForeignKey(
        ContentType, models.PROTECT, related_name="items", db_index=False
    )
    data = models.JSONField(default=dict, encoder=ReadableJson)
    # No choices: workflows may name states of their own.
    status = models.CharField(max_length=STATUS_LENGTH, default=DRAFT)
    version = models.PositiveIntegerField(default=1)
    # A key and not a copy of the data: readers get exactly one row of the history (ADR 33).
    published_version = models.ForeignKey(
        "ContentItemVersion", models.PROTECT, null=True, related_name="+"
    )
    publication_state = models.CharField(
        max_length=11, choices=PublicationState, default=PublicationState.DRAFT
    )
    published_at = models.DateTimeField(null=True)
    schema_version = models.PositiveIntegerField(help_text="The schema it was checked with")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    # Who wrote the present data: a reviewer must be another person, and later changes of
    # state have other authors.
    data_author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    # A new salt revokes all preview links of the item.
    preview_salt = models.CharField(max_length=16, default=new_preview_salt)
    # Set for the item of a singleton, so that the database allows one alone.
    singleton_of = models.OneToOneField(
        ContentType, models.PROTECT, null=True, related_name="singleton_item"
    )
    created_at = models.DateTimeField(default=now)
    updated_at = models.DateTimeField(default=now)
    deleted_at = models.DateTimeField(null=True)
    # Set while the host does not let the item be published.
    held_at = models.DateTimeField(null=True)
    # What lists show of the data (`summaries`), and the schema version by which it was made.
    title = models.CharField(max_length=TITLE_LENGTH, default="")
    coverage = models.JSONField(default=list, help_text="Language, filled and localized fields")
    summary_schema = models.PositiveIntegerField(default=0)

    objects: ClassVar = ContentItemQuerySet.as_manager()

    class Meta:
        db_table = "content_items"
        constraints = [
            models.CheckConstraint(
                condition=Q(publication_state__in=PublicationState.values),
                name="publication_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(
                    publication_state__in=["published", "changed"], published_version__isnull=False
                )
                | Q(publication_state__in=["draft", "unpublished"], published_version=None),
                name="published_item_has_a_snapshot",
            ),
        ]
        indexes = [
            models.Index(
                fields=["content_type", "-updated_at", "id"],
                name="items_newest_first",
                condition=Q(deleted_at=None),
            ),
            models.Index(
                fields=["domain", "-updated_at", "id"],
                name="items_of_a_domain",
                condition=Q(deleted_at=None),
            ),
            models.Index(
                fields=["content_type", "publication_state", "status", "updated_at"],
                name="items_by_state",
                condition=Q(deleted_at=None),
            ),
            models.Index(
                fields=["domain", "-deleted_at", "id"],
                name="deleted_items_of_a_domain",
                condition=Q(deleted_at__isnull=False),
            ),
            models.Index(
                fields=["content_type", "-published_at", "id"],
                name="items_latest_published",
                condition=Q(deleted_at=None, published_version__isnull=False),
            ),
            models.Index(
                fields=["content_type", "-created_at", "id"],
                name="items_latest_created",
                condition=Q(deleted_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.content_type_id} {self.pk}"


class ContentItemVersion(AppendOnly):
    """An item as it was after one change, the present one included."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    item = models.ForeignKey(ContentItem, models.PROTECT, related_name="versions")
    version = models.PositiveIntegerField()
    data = models.JSONField(encoder=ReadableJson)
    status = models.CharField(max_length=STATUS_LENGTH)
    schema_version = models.PositiveIntegerField()
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    message = models.CharField(max_length=MESSAGE_LENGTH, blank=True)
    created_at = models.DateTimeField(default=now)

    objects: ClassVar = AppendOnlyQuerySet["ContentItemVersion"].as_manager()

    class Meta:
        db_table = "content_item_versions"
        # Django's base manager would let related objects be changed around the rule that versions
        # stay.
        base_manager_name = "objects"
        constraints = [
            # The last word for concurrent writers, should a door ever forget the lock of the item.
            models.UniqueConstraint(fields=["item", "version"], name="one_row_per_item_and_version")
        ]

    def __str__(self) -> str:
        return f"{self.item_id} v{self.version}"


class ContentReference(models.Model):
    """A reference in one version of an item, written with the version."""

    id = models.BigAutoField(primary_key=True)
    item = models.ForeignKey(ContentItem, models.PROTECT, related_name="references")
    version = models.PositiveIntegerField()
    pointer = models.CharField(max_length=500)
    kind = models.CharField(max_length=16, help_text="content_item, asset or agent")
    target = models.CharField(max_length=200, help_text="A UUID, or @scope/name")
    # The check of these locks the target's row against a deletion at the same time (PostgreSQL).
    target_item = models.ForeignKey(ContentItem, models.PROTECT, null=True, related_name="+")
    target_asset = models.ForeignKey(Asset, models.PROTECT, null=True, related_name="+")

    objects: ClassVar = models.Manager["ContentReference"]()

    class Meta:
        db_table = "content_references"
        indexes = [
            # For used-by and for each deletion, which otherwise would read all JSON of the domain.
            models.Index(fields=["kind", "target"], name="references_to_a_target"),
            models.Index(fields=["item", "version"], name="references_of_a_version"),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} v{self.version} → {self.target}"
