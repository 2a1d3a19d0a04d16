"""Agents, their versions, and what belongs to a version.

Tables and columns bear the names of the data model. Columns beyond it say why they are here.
"""

import uuid
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from foundation.clock import now
from foundation.immutable import AppendOnly, AppendOnlyQuerySet, RowIsImmutable

if TYPE_CHECKING:
    from datetime import datetime

    from profiles.models import Profile


class Channel(models.TextChoices):
    COMMUNITY = "community"
    OFFICIAL = "official"
    BETA = "beta"


class Category(models.Model):
    """A shelf of the shop, curated by maintainers."""

    id = models.SlugField(primary_key=True, max_length=64)
    name = models.CharField(max_length=80)
    icon = models.CharField(max_length=32)
    sort_order = models.IntegerField()

    class Meta:
        db_table = "categories"
        ordering = ["sort_order", "id"]
        verbose_name_plural = "categories"

    def __str__(self) -> str:
        return self.name


class AgentQuerySet(models.QuerySet["Agent"]):
    def delete(self) -> NoReturn:
        raise RowIsImmutable("An agent never goes away: delist it.")

    def _raw_delete(self, using: str | None) -> NoReturn:
        raise RowIsImmutable("An agent never goes away: delist it.")

    def listed(self) -> Self:
        """Agents that a visitor finds: with a stable version that is not yanked, not delisted."""
        return self.filter(is_listed=True)

    def offering_beta(self) -> Self:
        """Agents whose newest word is a pre-release that is not yanked."""
        return self.filter(offers_beta=True, delisted_at=None)

    def with_owner(self) -> Self:
        return self.select_related("owner_user__profile")


LISTED_ORDERS = {
    "listed_by_update": ["-updated_at", "id"],
    "listed_by_name": ["name", "id"],
    "listed_by_downloads": ["-download_count", "id"],
    "listed_by_rating": ["-avg_rating", "id"],
    "listed_by_category": ["category", "-updated_at", "id"],
}


class Agent(models.Model):
    """One row per claimed ``@scope/name``, from the first publish on and for ever."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    scope = models.CharField(max_length=64)
    name = models.CharField(max_length=64)
    owner_user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="agents")
    latest_version = models.ForeignKey(
        "Version",
        models.PROTECT,
        null=True,
        related_name="+",
        help_text="Newest stable, not yanked",
    )

    # The listing: a snapshot of the manifest of latest (or of the newest version without one).
    category = models.ForeignKey(
        Category, models.PROTECT, db_column="category", related_name="agents"
    )
    description = models.TextField()
    tagline = models.CharField(max_length=140)
    display_name = models.CharField(max_length=128)
    homepage = models.CharField(max_length=2048, null=True)
    repository = models.CharField(max_length=2048, null=True)
    license = models.CharField(max_length=255)

    # Handed down or counted; each equals a recount.
    download_count = models.BigIntegerField(default=0)
    avg_rating = models.FloatField(null=True)
    review_count = models.IntegerField(default=0)

    created_at = models.DateTimeField(default=now)
    updated_at = models.DateTimeField(default=now, help_text="Last publish or listing refresh")

    # Beyond the data model. is_listed and offers_beta let one index serve a list page without
    # looking into versions; search_text and folded_name (the display name) are what a search
    # reads, folded once, at publish.
    is_listed = models.BooleanField(default=False)
    offers_beta = models.BooleanField(default=False)
    search_text = models.TextField(default="")
    folded_name = models.CharField(max_length=512, default="")
    # A delisting leaves a mark, so that the page can say that and why it is gone.
    delisted_at = models.DateTimeField(null=True)
    delisted_by_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    delisted_reason = models.TextField(null=True)

    objects: ClassVar = AgentQuerySet.as_manager()

    class Meta:
        db_table = "agents"
        base_manager_name = "objects"
        constraints = [
            models.UniqueConstraint(fields=["scope", "name"], name="one_agent_per_scope_and_name"),
            models.CheckConstraint(
                condition=Q(avg_rating=None) | Q(avg_rating__range=(1, 5)),
                name="average_rating_is_1_to_5_stars",
            ),
            models.CheckConstraint(
                condition=Q(download_count__gte=0) & Q(review_count__gte=0),
                name="agent_counts_are_not_negative",
            ),
        ]
        indexes = [
            models.Index(fields=["scope"], name="agents_by_scope"),
            models.Index(fields=["name", "id"], name="agents_by_name"),
            models.Index(fields=["updated_at"], name="agents_by_update"),
            models.Index(fields=["display_name"], name="agents_by_display_name"),
            models.Index(fields=["tagline"], name="agents_by_tagline"),
            models.Index(fields=["download_count"], name="agents_by_downloads"),
            models.Index(fields=["avg_rating"], name="agents_by_rating"),
            models.Index(fields=["folded_name"], name="agents_by_folded_name"),
            # The list pages walk these: only what is listed, in the whole ordering.
            *(
                models.Index(fields=fields, name=name, condition=Q(is_listed=True))
                for name, fields in LISTED_ORDERS.items()
            ),
        ]

    def __str__(self) -> str:
        return self.full_id

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise RowIsImmutable("An agent never goes away: delist it.")

    @property
    def full_id(self) -> str:
        return f"@{self.scope}/{self.name}"

    @property
    def is_delisted(self) -> bool:
        return self.delisted_at is not None

    @property
    def owner_profile(self) -> "Profile":
        return self.owner_user.profile


class AgentTag(models.Model):
    """The tags of the listing: replaced as a set whenever the listing is refreshed."""

    pk = models.CompositePrimaryKey("agent_id", "tag")
    agent = models.ForeignKey(Agent, models.PROTECT, related_name="agent_tags")
    tag = models.CharField(max_length=64)

    class Meta:
        db_table = "agent_tags"
        indexes = [models.Index(fields=["tag", "agent"], name="agents_with_a_tag")]

    def __str__(self) -> str:
        return self.tag


class VersionQuerySet(AppendOnlyQuerySet["Version"]):
    """Versions can be added, yanked, unyanked and counted, and nothing else."""

    def of(self, agent_id: object) -> Self:
        return self.filter(agent_id=agent_id)

    def not_yanked(self) -> Self:
        return self.filter(yanked_at=None)

    def yanked(self) -> Self:
        return self.exclude(yanked_at=None)

    def marked_withheld(self) -> Self:
        """Each with ``is_withheld``: whether its bytes are handed out by no door."""
        held = VersionWithholding.objects.in_force().filter(version=models.OuterRef("pk"))
        return self.annotate(is_withheld=models.Exists(held))

    def offered(self) -> Self:
        """Neither yanked nor withheld: what may be shown and recommended."""
        return self.not_yanked().marked_withheld().filter(is_withheld=False)

    def stable(self) -> Self:
        return self.exclude(channel=Channel.BETA)

    def newest_first(self) -> Self:
        """By publish time, which is also by precedence: every version is newer than all before."""
        return self.order_by("-uploaded_at", "id")

    def yank(self, *, at: "datetime", by_id: uuid.UUID, reason: str | None) -> int:
        marks = {"yanked_at": at, "yanked_by_user_id": by_id, "yanked_reason": reason}
        return models.QuerySet.update(self.not_yanked(), **marks)

    def unyank(self) -> int:
        marks = {"yanked_at": None, "yanked_by_user_id": None, "yanked_reason": None}
        return models.QuerySet.update(self.yanked(), **marks)

    def count_download(self, by: int = 1) -> int:
        return models.QuerySet.update(self, download_count=F("download_count") + by)


class Version(AppendOnly):
    """One published version: immutable but for its yank mark and its counter."""

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

    # Only where a query asked, by `marked_withheld`.
    is_withheld: bool

    objects: ClassVar = VersionQuerySet.as_manager()

    class Meta:
        db_table = "versions"
        base_manager_name = "objects"
        constraints = [
            models.UniqueConstraint(
                fields=["agent", "version"], name="one_row_per_agent_and_version"
            ),
            models.CheckConstraint(
                condition=Q(channel__in=["community", "official", "beta"]),
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


class VersionWithholding(models.Model):
    """A maintainer keeps a version's bytes back. A row of its own, for the version's never moves;
    once lifted it stays as history."""

    class Reason(models.TextChoices):
        MALWARE = "malware"
        LEAKED_SECRETS = "leaked_secrets"
        COURT = "court"

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
                condition=Q(reason__in=["malware", "leaked_secrets", "court"]),
                name="withholding_reason_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version_id}: {self.reason}"


class VersionAsset(AppendOnly):
    """An icon or a screenshot, uploaded beside the tarball."""

    class Kind(models.TextChoices):
        ICON = "icon"
        SCREENSHOT = "screenshot"
        OTHER = "other"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    version = models.ForeignKey(Version, models.PROTECT, related_name="assets")
    kind = models.CharField(max_length=16, choices=Kind)
    r2_key = models.CharField(max_length=1024)
    content_type = models.CharField(max_length=64)
    size_bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    ordering = models.IntegerField(default=0)
    # Beyond the data model: the name that the manifest gives it, and the room it takes on a page.
    path = models.CharField(max_length=1024)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)

    objects: ClassVar = AppendOnlyQuerySet["VersionAsset"].as_manager()

    class Meta:
        db_table = "version_assets"
        base_manager_name = "objects"
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["icon", "screenshot", "other"]), name="asset_kind_is_known"
            )
        ]
        indexes = [models.Index(fields=["version", "kind"], name="assets_of_a_version")]

    def __str__(self) -> str:
        return self.path


class ComputedFromBytes(models.Model):
    """Base of what is computed from a version's bytes: keyed by the version and the rule set that
    computed it, so that a better rule set can run again and the version's own row never moves."""

    version = models.ForeignKey(Version, models.PROTECT, related_name="%(class)ss")
    rule_set = models.CharField(max_length=32)

    class Meta:
        abstract = True


class VersionFile(ComputedFromBytes):
    """One file of the package."""

    path = models.CharField(max_length=1024)
    kind = models.CharField(max_length=16)
    size_bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        db_table = "version_files"
        constraints = [
            models.UniqueConstraint(
                fields=["version", "rule_set", "path"], name="one_row_per_file_and_rule_set"
            )
        ]

    def __str__(self) -> str:
        return self.path


class VersionFinding(ComputedFromBytes):
    """A warning that the package rules gave (a package with errors is never stored)."""

    code = models.CharField(max_length=40)
    severity = models.CharField(max_length=10)
    path = models.CharField(max_length=1024)
    line = models.PositiveIntegerField(null=True)
    message = models.TextField()
    ordering = models.IntegerField(default=0)

    class Meta:
        db_table = "version_findings"
        indexes = [models.Index(fields=["version", "ordering"], name="findings_of_a_version")]

    def __str__(self) -> str:
        return f"{self.code} {self.path}"


class VersionRendering(ComputedFromBytes):
    """Markdown turned into cleaned HTML: the description, the README, later other documents."""

    document = models.CharField(max_length=32, help_text="description or readme")
    html = models.TextField()
    is_cut = models.BooleanField(
        default=False, help_text="The source was longer than what is shown"
    )

    class Meta:
        db_table = "version_renderings"
        constraints = [
            models.UniqueConstraint(
                fields=["version", "rule_set", "document"],
                name="one_rendering_per_document_and_rule_set",
            )
        ]

    def __str__(self) -> str:
        return self.document


class DraftQuerySet(models.QuerySet["Draft"]):
    def alive(self) -> Self:
        return self.filter(expires_at__gt=now())


class Draft(models.Model):
    """An upload from the browser that waits to be looked at: its owner's alone, for a day. It holds
    no version number. Its bytes already lie under the keys that a publish would give them, where
    they are an orphan like any other once the draft is gone."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner_user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="drafts")
    full_id = models.CharField(max_length=140)
    version = models.CharField(max_length=128)
    channel = models.CharField(max_length=16, choices=Channel)
    manifest = models.JSONField()
    tarball_r2_key = models.CharField(max_length=512)
    tarball_sha256 = models.CharField(max_length=64)
    tarball_size_bytes = models.BigIntegerField()
    assets = models.JSONField(default=list, help_text="The pictures, each with its key")
    preview = models.JSONField(default=dict, help_text="What was computed: files, findings, prose")
    created_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField(db_index=True)

    objects: ClassVar = DraftQuerySet.as_manager()

    class Meta:
        db_table = "drafts"
        indexes = [models.Index(fields=["owner_user", "-created_at"], name="drafts_of_a_user")]

    def __str__(self) -> str:
        return f"{self.full_id}@{self.version}"
