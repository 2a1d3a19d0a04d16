"""Drafts: browser uploads that are not published yet."""

import uuid
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models

from foundation.clock import now
from registry.models.versions import Channel


class DraftQuerySet(models.QuerySet["Draft"]):
    def complete(self) -> Self:
        """Drafts with an agent.json, which can be published."""
        return self.exclude(full_id="")

    def unexpired(self, moment: Any = None) -> Self:
        """Drafts that have not expired. A compiled query passes a parameter as ``moment``."""
        return self.filter(expires_at__gt=moment or now())


class Draft(models.Model):
    """A browser upload, private to its owner for a day.

    It uses no version number. Its files already have the keys of the future version and become
    orphans when the draft is deleted.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner_user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="drafts")
    full_id = models.CharField(max_length=140, blank=True)
    version = models.CharField(max_length=128, blank=True)
    channel = models.CharField(max_length=16, choices=Channel)
    manifest = models.JSONField()
    tarball_r2_key = models.CharField(max_length=512)
    tarball_sha256 = models.CharField(max_length=64)
    tarball_size_bytes = models.BigIntegerField()
    assets = models.JSONField(default=list, help_text="The pictures, each with its key")
    preview = models.JSONField(default=dict, help_text="What was computed: files, findings, prose")
    import_facts = models.JSONField(
        default=dict, help_text="What an import found and left out; empty for a package"
    )
    created_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField(db_index=True)

    objects: ClassVar = DraftQuerySet.as_manager()

    # Set by `list_drafts`: whether a version has taken this number meanwhile.
    is_published: bool = False

    class Meta:
        db_table = "drafts"
        indexes = [models.Index(fields=["owner_user", "-created_at"], name="drafts_of_a_user")]

    def __str__(self) -> str:
        return f"{self.full_id}@{self.version}" if self.is_complete else f"import {self.pk}"

    @property
    def is_complete(self) -> bool:
        """Whether it has an agent.json and can be published."""
        return bool(self.full_id)

    @property
    def earlier_images(self) -> list[str]:
        """The paths of images that were not sent, but taken from the latest version."""
        return [asset["path"] for asset in self.assets if asset.get("taken_from")]
