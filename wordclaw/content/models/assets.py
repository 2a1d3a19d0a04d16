"""Assets: stored files of a domain that content refers to."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from foundation.clock import now
from wordclaw.policy.models import Domain

ASSET_NAME_LENGTH = 200


class AssetAccess(models.TextChoices):
    """Readers of an asset's bytes: anyone, or holders of a signed link and members."""

    PUBLIC = "public"
    SIGNED = "signed"


class AssetQuerySet(models.QuerySet["Asset"]):
    def alive(self) -> "AssetQuerySet":
        """Assets that are not deleted."""
        return self.filter(deleted_at=None)

    def of_members(self) -> "AssetQuerySet":
        """Assets that members added, without the files of submissions."""
        return self.filter(is_submitted=False)


class Asset(models.Model):
    """A stored file. Its bytes never change; a new file is a new asset.

    The row stays after a deletion, because former versions of items name it.
    """

    Access = AssetAccess

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # Not CASCADE: deleting one row by mistake must not delete the content of a publisher.
    domain = models.ForeignKey(Domain, models.PROTECT, related_name="+")
    name = models.CharField(max_length=ASSET_NAME_LENGTH, help_text="File name, for people")
    content_type = models.CharField(max_length=64, help_text="Found in the bytes, not as sent")
    # A deleted asset has no file.
    size_bytes = models.PositiveIntegerField(null=True)
    sha256 = models.CharField(max_length=64, null=True)
    storage_key = models.CharField(max_length=200, null=True)
    width = models.PositiveIntegerField(null=True, help_text="Pixels; null for what is no image")
    height = models.PositiveIntegerField(null=True)
    access = models.CharField(max_length=6, choices=AssetAccess, default=AssetAccess.PUBLIC)
    # Sent with a form: it belongs to the submission, and is not among the files of the domain.
    is_submitted = models.BooleanField(db_default=False, default=False)
    # Null for what a migration adds. Accounts are never deleted as rows (ADR 23), so PROTECT
    # refuses nothing in practice.
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=now)
    deleted_at = models.DateTimeField(null=True)

    objects: ClassVar = AssetQuerySet.as_manager()

    class Meta:
        db_table = "content_assets"
        constraints = [
            models.CheckConstraint(
                condition=Q(access__in=AssetAccess.values), name="asset_access_is_known"
            ),
            models.CheckConstraint(
                condition=Q(storage_key=None, sha256=None, size_bytes=None)
                | Q(
                    deleted_at=None,
                    storage_key__isnull=False,
                    sha256__isnull=False,
                    size_bytes__isnull=False,
                ),
                name="asset_has_a_file_until_deleted",
            ),
        ]
        indexes = [
            models.Index(
                fields=["domain", "-created_at", "id"],
                name="assets_newest_first",
                condition=Q(deleted_at=None),
            ),
            # Few rows: what submissions of a domain take, and what is deleted with them.
            models.Index(
                fields=["domain", "created_at"],
                name="files_of_submissions",
                condition=Q(deleted_at=None, is_submitted=True),
            ),
            # For the sweep, which asks for each stored file whether a row still names it.
            models.Index(fields=["storage_key"], name="assets_of_a_file"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.pk})"

    @property
    def is_public(self) -> bool:
        return self.access == AssetAccess.PUBLIC

    @property
    def is_image(self) -> bool:
        return self.width is not None
