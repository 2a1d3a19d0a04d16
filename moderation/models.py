"""Reports to the maintainers, and appeals against their decisions."""

import uuid
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.clock import now
from registry.rules.co_maintainers import agents_of
from wordclaw.content.models import ContentItem

DETAILS_LENGTH = 2000
APPEAL_LENGTH = 4000


class ReportReason(models.TextChoices):
    MALICIOUS = "malicious"
    TRADEMARK = "trademark"
    SPAM = "spam"
    INAPPROPRIATE = "inappropriate"
    OTHER = "other"


# The order of the queue: 0 goes before 1.
URGENCY = models.Case(
    models.When(reason=ReportReason.MALICIOUS, then=0),
    default=1,
    output_field=models.IntegerField(),
)

QUEUE_ORDER = ("urgency", "created_at", "id")
"""The order in which maintainers decide: of rows that have ``urgency``."""


class ReportQuerySet(models.QuerySet["Report"]):
    def still_open(self) -> Self:
        return self.filter(status=Report.Status.OPEN)

    def marked_party(self, user_id: uuid.UUID | None) -> Self:
        """Reports with ``is_party``: whether one is about the user's agent or review.

        The form promises that the person accused never learns who reported.
        """
        # The snapshot names the author of a review that was deleted after the report.
        is_party = (
            agents_of(user_id)
            | models.Q(review__reviewer_user_id=user_id)
            | models.Q(review_snapshot__reviewerUserId=str(user_id))
        )
        return self.annotate(
            is_party=models.Case(
                models.When(is_party, then=True), default=False, output_field=models.BooleanField()
            )
        )

    def in_queue_order(self) -> Self:
        """Malware first, because it does harm while it waits; then the oldest."""
        return self.annotate(urgency=URGENCY).order_by(*QUEUE_ORDER)


class ReportStatus(models.TextChoices):
    OPEN = "open"
    RESOLVED = "resolved"
    DISMISSED = "dismissed"


class Report(models.Model):
    """``reports`` of the data model, plus reports about a review.

    A report about a review stores a snapshot, because the review can be edited or deleted.
    """

    Reason = ReportReason
    Status = ReportStatus

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agent = models.ForeignKey("registry.Agent", models.PROTECT, related_name="reports")
    version = models.ForeignKey(
        "registry.Version", models.PROTECT, null=True, related_name="reports"
    )
    # SET_NULL, because an author may delete a review that was reported.
    review = models.ForeignKey("reviews.Review", models.SET_NULL, null=True, related_name="reports")
    review_snapshot = models.JSONField(null=True)
    reporter_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="reports_made"
    )
    # A hash shows that reports have one source, without naming it.
    reporter_ip_hash = models.CharField(max_length=64)
    reason = models.CharField(max_length=16, choices=Reason)
    details = models.CharField(max_length=DETAILS_LENGTH)
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    resolved_by_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="reports_decided"
    )
    resolved_at = models.DateTimeField(null=True)
    resolution_notes = models.TextField(null=True)
    created_at = models.DateTimeField(default=now)

    # Set by `marked_party` only.
    is_party: bool

    objects: ClassVar = ReportQuerySet.as_manager()

    class Meta:
        db_table = "reports"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(reason__in=ReportReason.values),
                name="report_reason_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=ReportStatus.values),
                name="report_status_is_known",
            ),
        ]
        indexes = [
            models.Index(fields=["status", "created_at", "id"], name="reports_oldest_first"),
            models.Index(fields=["reporter_ip_hash"], name="reports_of_an_address"),
        ]

    def __str__(self) -> str:
        return f"{self.reason} ({self.status})"


class AppealQuerySet(models.QuerySet["Appeal"]):
    def still_open(self) -> Self:
        return self.filter(status=Appeal.Status.OPEN)


class AppealStatus(models.TextChoices):
    OPEN = "open"
    UPHELD = "upheld"
    REJECTED = "rejected"


class Appeal(models.Model):
    """An author's appeal against a decision, identified by its audit event (ADR 8)."""

    Status = AppealStatus

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # One to one: each decision can be appealed against once.
    decision = models.OneToOneField("audit.AuditLog", models.PROTECT, related_name="appeal")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="appeals")
    agent = models.ForeignKey(
        "registry.Agent",
        models.PROTECT,
        null=True,
        related_name="appeals",
        help_text="None if the account was suspended, or a text was taken down",
    )
    text = models.CharField(max_length=APPEAL_LENGTH)
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    decided_by_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="appeals_decided"
    )
    decided_at = models.DateTimeField(null=True)
    decision_notes = models.TextField(null=True)
    created_at = models.DateTimeField(default=now)

    objects: ClassVar = AppealQuerySet.as_manager()

    class Meta:
        db_table = "appeals"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=AppealStatus.values),
                name="appeal_status_is_known",
            ),
        ]
        indexes = [
            models.Index(fields=["status", "created_at", "id"], name="appeals_oldest_first"),
        ]

    def __str__(self) -> str:
        return f"{self.decision} ({self.status})"


class HeldText(ContentItem):
    """A text that maintainers took down, and hold until they allow it again."""

    class Meta:
        proxy = True
        verbose_name = _("text taken down")
        verbose_name_plural = _("texts taken down")
