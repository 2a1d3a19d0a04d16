"""Versions and withholdings. Version rows are immutable."""

import uuid
from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from foundation.clock import now
from foundation.immutable import AppendOnly, AppendOnlyQuerySet
from registry.models.agents import Agent

if TYPE_CHECKING:
    from datetime import datetime


class Channel(models.TextChoices):
    COMMUNITY = "community"
    OFFICIAL = "official"
    BETA = "beta"


class VersionQuerySet(AppendOnlyQuerySet["Version"]):
    """Versions can be added, yanked, unyanked and counted, and nothing else."""

    def of(self, agent_id: object) -> Self:
        return self.filter(agent_id=agent_id)

    def not_yanked(self) -> Self:
        # Not as `yanked_at IS NULL`: SQLite would read nearly all versions by the index of yanks,
        # and sort them, to find the fifty newest.
        return self.exclude(yanked_at__isnull=False)

    def yanked(self) -> Self:
        return self.exclude(yanked_at=None)

    def marked_withheld(self) -> Self:
        """Each with ``is_withheld``: whether a withholding is in force."""
        withholdings = VersionWithholding.objects.in_force().filter(version=models.OuterRef("pk"))
        return self.annotate(is_withheld=models.Exists(withholdings))

    def not_withheld(self) -> Self:
        return self.marked_withheld().filter(is_withheld=False)

    def offered(self) -> Self:
        """Versions that are neither yanked nor withheld, which pages may recommend."""
        return self.not_yanked().not_withheld()

    def newest_first(self) -> Self:
        """Newest first; publish time and precedence give the same order."""
        return self.order_by("-uploaded_at", "id")

    def yank(
        self,
        *,
        at: "datetime",
        by_id: uuid.UUID,
        reason: str | None,
        by_co_maintainer: bool = False,
    ) -> int:
        marks = {"yanked_at": at, "yanked_by_user_id": by_id, "yanked_reason": reason}
        return models.QuerySet.update(
            self.not_yanked(), yanked_by_co_maintainer=by_co_maintainer, **marks
        )

    def unyank(self) -> int:
        marks: dict[str, object] = {
            "yanked_at": None,
            "yanked_by_user_id": None,
            "yanked_reason": None,
        }
        marks["yanked_by_co_maintainer"] = False
        return models.QuerySet.update(self.yanked(), **marks)

    def count_download(self, by: int = 1) -> int:
        return models.QuerySet.update(self, download_count=F("download_count") + by)


class Version(AppendOnly):
    """A published version. Only its yank mark and its download counter may change."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agent = models.ForeignKey(Agent, models.PROTECT, related_name="versions")
    version = models.CharField(max_length=128)
    channel = models.CharField(max_length=16, choices=Channel)
    manifest = models.JSONField()
    tarball_r2_key = models.CharField(max_length=512)
    tarball_sha256 = models.CharField(max_length=64)
    tarball_size_bytes = models.BigIntegerField()
    download_count = models.BigIntegerField(default=0, help_text="Raw tarball GETs")
    uploaded_by_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="uploaded_versions"
    )
    uploaded_at = models.DateTimeField(default=now)
    yanked_at = models.DateTimeField(null=True)
    yanked_by_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="yanked_versions"
    )
    yanked_reason = models.TextField(null=True)
    # Stored, because a yank stays the publisher's when the co-maintainer is no longer a member.
    yanked_by_co_maintainer = models.BooleanField(default=False, db_default=False)

    # Set by `marked_withheld` only.
    is_withheld: bool
    # Set by `registry.agents.queries.find_pinned_version` only: whether the agent has a price.
    has_offers: bool

    objects: ClassVar = VersionQuerySet.as_manager()

    class Meta:
        db_table = "versions"
        base_manager_name = "objects"
        constraints = [
            models.UniqueConstraint(
                fields=["agent", "version"], name="one_row_per_agent_and_version"
            ),
            models.CheckConstraint(
                condition=Q(channel__in=Channel.values),
                name="version_channel_is_known",
            ),
            models.CheckConstraint(
                condition=Q(tarball_size_bytes__range=(1, 100 * 1024 * 1024)),
                name="tarball_is_at_most_100_mib",
            ),
        ]
        indexes = [
            models.Index(fields=["agent", "-uploaded_at"], name="versions_newest_first"),
            models.Index(fields=["yanked_at"], name="versions_by_yank"),
            models.Index(fields=["channel"], name="versions_by_channel"),
            # For the feed of all new versions.
            models.Index(fields=["-uploaded_at", "id"], name="versions_by_time"),
        ]

    def __str__(self) -> str:
        return self.version

    @property
    def is_yanked(self) -> bool:
        return self.yanked_at is not None

    @property
    def is_prerelease(self) -> bool:
        return self.channel == Channel.BETA


class WithholdingQuerySet(models.QuerySet["VersionWithholding"]):
    def in_force(self) -> Self:
        return self.filter(lifted_at=None)


class WithholdingReason(models.TextChoices):
    MALWARE = "malware"
    LEAKED_SECRETS = "leaked_secrets"
    COURT = "court"


class VersionWithholding(models.Model):
    """A withholding of a version's bytes; the row stays when it is lifted.

    It is a separate row, because version rows are immutable.
    """

    Reason = WithholdingReason

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    version = models.ForeignKey(Version, models.PROTECT, related_name="withholdings")
    reason = models.CharField(max_length=16, choices=Reason)
    text = models.TextField()
    withheld_by_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    withheld_at = models.DateTimeField(default=now)
    lifted_by_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    lifted_at = models.DateTimeField(null=True)
    lifted_reason = models.TextField(null=True)

    objects: ClassVar = WithholdingQuerySet.as_manager()

    class Meta:
        db_table = "version_withholdings"
        constraints = [
            models.UniqueConstraint(
                fields=["version"],
                condition=Q(lifted_at=None),
                name="one_withholding_in_force_per_version",
            ),
            models.CheckConstraint(
                condition=Q(reason__in=WithholdingReason.values),
                name="withholding_reason_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version_id}: {self.reason}"


class VersionAssetKind(models.TextChoices):
    ICON = "icon"
    SCREENSHOT = "screenshot"
    OTHER = "other"


class VersionAssetQuerySet(AppendOnlyQuerySet["VersionAsset"]):
    """Images can be added, and get their small copy later."""

    def without_small_copy(self) -> Self:
        """Images for which no small copy was made yet, or tried."""
        return self.filter(small_sha256=None)

    def set_small_copy(self, sha256: str) -> int:
        return models.QuerySet.update(self, small_sha256=sha256)


class VersionAsset(AppendOnly):
    """An icon or a screenshot, uploaded beside the tarball."""

    Kind = VersionAssetKind

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    version = models.ForeignKey(Version, models.PROTECT, related_name="assets")
    kind = models.CharField(max_length=16, choices=Kind)
    r2_key = models.CharField(max_length=1024)
    content_type = models.CharField(max_length=64)
    size_bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    ordering = models.IntegerField(default=0)
    # Not in the data model: the name in the manifest, and the size in pixels.
    path = models.CharField(max_length=1024)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    # The SHA-256 of the small copy. NULL: not made yet; blank: none can be made.
    small_sha256 = models.CharField(max_length=64, null=True)

    objects: ClassVar = VersionAssetQuerySet.as_manager()

    class Meta:
        db_table = "version_assets"
        base_manager_name = "objects"
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=VersionAssetKind.values), name="asset_kind_is_known"
            )
        ]
        indexes = [
            models.Index(fields=["version", "kind"], name="assets_of_a_version"),
            models.Index(fields=["small_sha256"], name="assets_by_small_copy"),
            models.Index(fields=["sha256"], name="assets_by_content"),
        ]

    def __str__(self) -> str:
        return self.path
