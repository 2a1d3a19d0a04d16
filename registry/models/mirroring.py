"""Mirrors of other shops: how far each has come, and what it could not take over."""

import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q

from foundation.clock import now


class Mirror(models.Model):
    """A shop whose scopes are mirrored here, and how far its change feed was read.

    The scopes are those of `profiles.models.Scope` with this source. ``listings`` are the lists of
    agents that still have to be read before the feed, each as the parameters of its next page.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    source = models.CharField(max_length=255, unique=True, help_text="The origin of the other shop")
    follows_all = models.BooleanField(default=False, help_text="Also scopes that appear later")
    cursor = models.TextField(blank=True, help_text="Where the change feed is read on")
    listings = models.JSONField(default=list)
    # One run at a time: a run that has ended without a word loses its lease soon.
    lease_token = models.UUIDField(null=True)
    lease_ends_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=now)
    started_at = models.DateTimeField(null=True, help_text="When the last run began")
    succeeded_at = models.DateTimeField(null=True, help_text="When a run last came to its end")
    failed_at = models.DateTimeField(null=True, help_text="When a run last stopped early")
    last_error = models.TextField(blank=True)

    objects: ClassVar = models.Manager["Mirror"]()

    class Meta:
        db_table = "mirrors"

    def __str__(self) -> str:
        return self.source


class MirroredAgentQuerySet(models.QuerySet["MirroredAgent"]):
    def pending(self) -> Self:
        """Agents that have to be compared with the source."""
        return self.filter(is_pending=True)


class MirroredAgent(models.Model):
    """An agent of a source, by its id there.

    ``state`` is what the source said last and was done here: a decision of our own maintainers then
    stands until the source changes its mind.
    """

    id = models.BigAutoField(primary_key=True)
    mirror = models.ForeignKey(Mirror, models.PROTECT, related_name="agents")
    full_id = models.CharField(max_length=130)
    is_pending = models.BooleanField(default=True)
    state = models.JSONField(default=dict)
    changed_at = models.DateTimeField(default=now)
    compared_at = models.DateTimeField(null=True)

    objects: ClassVar = MirroredAgentQuerySet.as_manager()

    class Meta:
        db_table = "mirrored_agents"
        constraints = [
            models.UniqueConstraint(
                fields=["mirror", "full_id"], name="one_row_per_agent_of_a_mirror"
            )
        ]
        indexes = [
            models.Index(
                fields=["mirror", "changed_at", "id"],
                name="agents_a_mirror_compares",
                condition=Q(is_pending=True),
            )
        ]

    def __str__(self) -> str:
        return self.full_id


class MirrorProblem(models.Model):
    """A version, an agent or a scope that a mirror could not take over, and why.

    ``version`` is blank for an agent or a scope as a whole. An alarm is about bytes or facts that
    contradict each other at the source.
    """

    id = models.BigAutoField(primary_key=True)
    mirror = models.ForeignKey(Mirror, models.PROTECT, related_name="problems")
    full_id = models.CharField(max_length=130)
    version = models.CharField(max_length=128, blank=True)
    code = models.CharField(max_length=64)
    message = models.TextField()
    sha256 = models.CharField(max_length=64, blank=True, help_text="The digest at the source")
    is_alarm = models.BooleanField(default=False)
    first_seen_at = models.DateTimeField(default=now)
    last_seen_at = models.DateTimeField(default=now)

    objects: ClassVar = models.Manager["MirrorProblem"]()

    class Meta:
        db_table = "mirror_problems"
        constraints = [
            models.UniqueConstraint(
                fields=["mirror", "full_id", "version"], name="one_problem_per_mirrored_version"
            )
        ]

    def __str__(self) -> str:
        number = f"@{self.version}" if self.version else ""
        return f"{self.full_id}{number}: {self.code}"
