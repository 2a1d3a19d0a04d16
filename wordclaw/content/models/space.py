"""Bytes that the content of each domain takes."""

from typing import ClassVar

from django.db import models

from wordclaw.policy.models import Domain


class ContentSpace(models.Model):
    """A part of the bytes that a domain stores; the rows of a domain make one number.

    Each write adds a row, because writers that change the same row would wait for each other, and
    some of them for ever. ``wordclaw.content.space`` merges the rows.
    """

    id = models.BigAutoField(primary_key=True)
    domain = models.ForeignKey(Domain, models.PROTECT, related_name="+")
    size_bytes = models.BigIntegerField(help_text="Less than zero for what was deleted")
    counts_from = models.DateTimeField(null=True, help_text="Set for deleted files; null: at once")

    objects: ClassVar = models.Manager["ContentSpace"]()

    class Meta:
        db_table = "content_space"

    def __str__(self) -> str:
        return f"{self.domain_id}: {self.size_bytes}"
