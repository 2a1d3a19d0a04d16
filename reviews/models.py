"""Reviews of agents, with replies."""

import uuid
from typing import ClassVar, Self

from django.conf import settings
from django.db import models

from foundation.clock import now

# The lengths are part of the API and must not shrink.
TITLE_LENGTH = 120
BODY_LENGTH = 2000
REPLY_LENGTH = 2000


class ReviewQuerySet(models.QuerySet["Review"]):
    def about(self, agent_id: object) -> Self:
        return self.filter(agent_id=agent_id)

    def with_reviewer(self) -> Self:
        return self.select_related("reviewer_user__profile")

    def of_shown_agents(self) -> Self:
        """Reviews of agents that are not delisted."""
        return self.filter(agent__delisted_at=None)


class Review(models.Model):
    """One row per user and agent. ``reviews`` of the data model."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agent = models.ForeignKey(
        "registry.Agent", models.PROTECT, related_name="reviews", db_index=True
    )
    # PROTECT, because the row of a deleted account stays and keeps its reviews.
    reviewer_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="reviews", db_index=True
    )
    rating = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=TITLE_LENGTH, null=True, blank=True)
    # The type limits the length on PostgreSQL.
    body = models.CharField(max_length=BODY_LENGTH, null=True, blank=True)
    created_at = models.DateTimeField(default=now)
    updated_at = models.DateTimeField(default=now)
    # Beyond the data model: what the agent's owner answers, once per review.
    reply = models.CharField(max_length=REPLY_LENGTH, null=True, blank=True)
    replied_at = models.DateTimeField(null=True, blank=True)
    reply_edited_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar = ReviewQuerySet.as_manager()

    class Meta:
        db_table = "reviews"
        constraints = [
            # The rule of one review each must hold for requests at the same time, too.
            models.UniqueConstraint(
                fields=["agent", "reviewer_user"], name="one_review_per_user_and_agent"
            ),
            models.CheckConstraint(
                condition=models.Q(rating__range=(1, 5)), name="rating_is_1_to_5_stars"
            ),
            models.CheckConstraint(
                condition=models.Q(reply=None, replied_at=None, reply_edited_at=None)
                | models.Q(reply__isnull=False, replied_at__isnull=False),
                name="reply_has_words_and_a_time",
            ),
        ]
        indexes = [
            models.Index(fields=["agent", "-created_at", "id"], name="reviews_newest_first"),
        ]

    def __str__(self) -> str:
        return f"{self.rating} of 5"

    @property
    def is_edited(self) -> bool:
        return self.updated_at > self.created_at
