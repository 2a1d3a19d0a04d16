"""Content types and the history of their schemas."""

import json
import uuid
from typing import Any, ClassVar

from django.db import models

from foundation.clock import now
from foundation.immutable import AppendOnly, AppendOnlyQuerySet
from wordclaw.policy.models import Domain

NAME_LENGTH = 120
SLUG_LENGTH = 64
DESCRIPTION_LENGTH = 1000


class ContentTypeKind(models.TextChoices):
    COLLECTION = "collection"
    SINGLETON = "singleton"


class Visibility(models.TextChoices):
    PRIVATE = "private"
    PUBLIC = "public"


class ContentType(models.Model):
    """The shape of content items. ``content_types`` of the data model.

    The schema is stored as text, because PostgreSQL's JSON type loses the order of keys, which is
    the order of the fields in forms.
    """

    Kind = ContentTypeKind
    Visibility = Visibility

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    domain = models.ForeignKey(Domain, models.PROTECT, related_name="content_types")
    name = models.CharField(max_length=NAME_LENGTH)
    slug = models.CharField(max_length=SLUG_LENGTH)
    kind = models.CharField(
        max_length=10, choices=ContentTypeKind, default=ContentTypeKind.COLLECTION
    )
    description = models.CharField(max_length=DESCRIPTION_LENGTH, blank=True)
    visibility = models.CharField(max_length=7, choices=Visibility, default=Visibility.PRIVATE)
    schema_text = models.TextField(db_column="schema")
    manifest_text = models.TextField(db_column="schema_manifest", null=True)
    schema_version = models.PositiveIntegerField(default=1)
    # Derived: whether a workflow is active, so that each publication need not ask for one.
    is_governed = models.BooleanField(default=False)
    # Derived: the fields whose sort values are stored for all items, and what these depend on.
    sorted_fields = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=now)
    updated_at = models.DateTimeField(default=now)
    # Items of a deleted content type can be restored for some time, so its row stays.
    deleted_at = models.DateTimeField(null=True)

    objects: ClassVar = models.Manager["ContentType"]()

    class Meta:
        db_table = "content_types"
        constraints = [
            models.UniqueConstraint(
                fields=["domain", "slug"],
                name="one_content_type_per_domain_and_slug",
                # A deleted type must not keep its slug from a new one.
                condition=models.Q(deleted_at=None),
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=ContentTypeKind.values),
                name="content_type_kind_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(visibility__in=Visibility.values),
                name="content_type_visibility_is_known",
            ),
        ]

    def __str__(self) -> str:
        return self.slug

    @property
    def schema(self) -> dict[str, Any]:
        schema: dict[str, Any] = json.loads(self.schema_text)
        return schema

    @property
    def manifest(self) -> dict[str, Any] | None:
        manifest: dict[str, Any] | None = json.loads(self.manifest_text or "null")
        return manifest

    @property
    def is_public(self) -> bool:
        return self.visibility == Visibility.PUBLIC

    @property
    def is_singleton(self) -> bool:
        return self.kind == ContentTypeKind.SINGLETON


class ContentTypeSchema(AppendOnly):
    """One version of a content type's schema.

    Items name the version that they were checked with.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # No foreign key: the history outlives a deleted content type.
    content_type_id = models.UUIDField()
    version = models.PositiveIntegerField()
    schema_text = models.TextField(db_column="schema")
    manifest_text = models.TextField(db_column="schema_manifest", null=True)
    created_at = models.DateTimeField(default=now)

    objects: ClassVar = AppendOnlyQuerySet["ContentTypeSchema"].as_manager()

    class Meta:
        db_table = "content_type_schemas"
        # As for versions of items: no way around the rule that the history is append-only.
        base_manager_name = "objects"
        constraints = [
            models.UniqueConstraint(
                fields=["content_type_id", "version"], name="one_schema_per_type_and_version"
            )
        ]

    def __str__(self) -> str:
        return f"{self.content_type_id} schema {self.version}"
