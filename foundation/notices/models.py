"""Preferences of people for notices, and the notices that were sent."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models

from foundation.clock import now


class NoticePreference(models.Model):
    """Whether a user wants one kind of notice. Without a row the kind is on."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="notice_preferences"
    )
    kind = models.CharField(max_length=32)
    is_on = models.BooleanField()
    updated_at = models.DateTimeField(default=now)

    objects: ClassVar = models.Manager["NoticePreference"]()

    class Meta:
        db_table = "notice_preferences"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "kind"], name="one_notice_preference_per_user_and_kind"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {'on' if self.is_on else 'off'}"


class SentNotice(models.Model):
    """A notice that was emailed, so that a job that runs again does not send it again."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    cause = models.UUIDField(help_text="The job that sent the notice")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="sent_notices")
    kind = models.CharField(max_length=32)
    sent_at = models.DateTimeField(default=now, db_index=True)

    objects: ClassVar = models.Manager["SentNotice"]()

    class Meta:
        db_table = "sent_notices"
        constraints = [
            models.UniqueConstraint(
                fields=["cause", "user", "kind"], name="one_notice_per_cause_and_user"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.sent_at}"
