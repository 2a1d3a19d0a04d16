"""Answers that are kept for requests with an idempotency key."""

from typing import ClassVar

from django.db import models

from foundation.clock import now


class IdempotentRequest(models.Model):
    """A request with an ``Idempotency-Key``; without a status it is still running."""

    id = models.BigAutoField(primary_key=True)
    credential = models.CharField(max_length=80, help_text="The API key or user that sent it")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of method, path and body")
    status = models.PositiveSmallIntegerField(null=True)
    # The bytes themselves, so that a repetition is equal even after an update of the program.
    answer = models.BinaryField(null=True)
    headers = models.JSONField(default=dict)
    started_at = models.DateTimeField(default=now)

    objects: ClassVar = models.Manager["IdempotentRequest"]()

    class Meta:
        db_table = "idempotent_requests"
        constraints = [
            # Decides which of two simultaneous requests runs; no lock does, as no row exists yet.
            models.UniqueConstraint(
                fields=["credential", "key"], name="one_request_per_idempotency_key"
            )
        ]
        indexes = [models.Index(fields=["started_at"], name="idempotent_oldest_first")]

    def __str__(self) -> str:
        return f"{self.key} {self.status or 'running'}"
