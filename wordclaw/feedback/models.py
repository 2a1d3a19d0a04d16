"""Feedback events and the tokens of people without an account."""

import uuid
from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from foundation.clock import now
from wordclaw.content.models import ContentItem
from wordclaw.policy.models import Domain
from wordclaw.workflow.models import SUBJECT_ID_LENGTH, SUBJECT_TYPE_LENGTH, ReviewTask

COMMENT_LENGTH = PROMPT_LENGTH = 4000
ACTOR_ID_LENGTH = 200
NAME_LENGTH = 120
SOURCE_LENGTH = 64
EMAIL_LENGTH = 254
VERSION_LENGTH = 64
CONTENT_ITEM = "content_item"


class FeedbackDecision(models.TextChoices):
    ACCEPTED = "accepted"
    CHANGES_REQUESTED = "changes_requested"


class RefinementMode(models.TextChoices):
    HUMAN_SUPERVISED = "human_supervised"
    AGENT_DIRECT = "agent_direct"


class Requester(models.Model):
    """A person without an account who gives feedback, as the domain names them."""

    actor_id = models.CharField(max_length=ACTOR_ID_LENGTH)
    actor_display_name = models.CharField(max_length=NAME_LENGTH, blank=True)
    actor_email = models.CharField(max_length=EMAIL_LENGTH, blank=True)
    actor_source = models.CharField(max_length=SOURCE_LENGTH, blank=True)

    class Meta:
        abstract = True


class Subject(models.Model):
    """The subject of feedback: a published item, or a subject of the host.

    ``published_version`` is the version of an item, ``subject_version`` that of another subject.
    """

    item = models.ForeignKey(ContentItem, models.PROTECT, null=True, related_name="+")
    published_version = models.PositiveIntegerField(null=True)
    subject_type = models.CharField(max_length=SUBJECT_TYPE_LENGTH, default=CONTENT_ITEM)
    subject_id = models.CharField(max_length=SUBJECT_ID_LENGTH)
    subject_version = models.CharField(max_length=VERSION_LENGTH, blank=True)

    class Meta:
        abstract = True


class FeedbackToken(Requester, Subject):
    """The right to give feedback on one version without an account. Stored as a hash."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    domain = models.ForeignKey(Domain, models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    allows_agent_direct = models.BooleanField(default=False)
    max_uses = models.PositiveIntegerField(null=True, help_text="Empty: as often as they like")
    used_count = models.PositiveIntegerField(default=0)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=now)

    objects: ClassVar = models.Manager["FeedbackToken"]()

    class Meta:
        db_table = "external_feedback_tokens"
        indexes = [
            models.Index(fields=["domain", "-created_at", "id"], name="feedback_tokens_newest")
        ]

    def __str__(self) -> str:
        return f"{self.subject_id} {self.actor_id}"

    @property
    def agent_name(self) -> str:
        """The part of the subject's ID after the slash."""
        return self.subject_id.rpartition("/")[2]

    @staticmethod
    def valid(moment: datetime) -> Q:
        """The condition for tokens that work at a time."""
        has_uses = Q(max_uses=None) | Q(used_count__lt=F("max_uses"))
        return has_uses & Q(revoked_at=None, expires_at__gt=moment)


class ExternalFeedback(Requester, Subject):
    """One piece of feedback. ``external_feedback_events`` of the data model."""

    Decision = FeedbackDecision
    Mode = RefinementMode

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    domain = models.ForeignKey(Domain, models.PROTECT, related_name="+")
    decision = models.CharField(max_length=17, choices=FeedbackDecision, blank=True)
    comment = models.CharField(max_length=COMMENT_LENGTH, blank=True)
    prompt = models.CharField(max_length=PROMPT_LENGTH, blank=True)
    refinement_mode = models.CharField(
        max_length=16, choices=RefinementMode, default=RefinementMode.HUMAN_SUPERVISED
    )
    actor_type = models.CharField(max_length=20, default="external_requester")
    task = models.ForeignKey(ReviewTask, models.PROTECT, null=True, related_name="+")
    token = models.ForeignKey(FeedbackToken, models.PROTECT, null=True, related_name="events")
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=now)

    objects: ClassVar = models.Manager["ExternalFeedback"]()

    class Meta:
        db_table = "external_feedback_events"
        indexes = [
            models.Index(
                fields=["domain", "subject_type", "subject_id", "-created_at", "id"],
                name="feedback_on_a_subject",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject_id} {self.decision}"
