"""Revisions of things without a row of their own: the site, a list, a person."""

from typing import ClassVar

from django.db import models

SITE = "site"
"""Name of the revision of what any page may show: every cached page depends on it."""


class Revision(models.Model):
    """One part of a named revision, which is the sum of its parts.

    A transaction increases a part that no other transaction holds (see ``actions.bump_revision``),
    so writers never wait for each other. There are as many parts as there were writers at once.
    """

    name = models.CharField(max_length=100)
    number = models.BigIntegerField()

    objects: ClassVar = models.Manager["Revision"]()

    class Meta:
        db_table = "revisions"
        indexes = [models.Index(fields=["name"], name="revisions_by_name")]

    def __str__(self) -> str:
        return f"{self.name}: {self.number}"
