"""Maintainers' picks."""

from django.conf import settings
from django.db import models

from foundation.clock import now
from registry.models.agents import Agent


class AgentPick(models.Model):
    """An agent that a maintainer recommends on the home page, with the reason.

    The row is deleted with the pick; the audit log keeps both events.
    """

    agent = models.OneToOneField(Agent, models.PROTECT, primary_key=True, related_name="pick")
    reason = models.CharField(max_length=200)
    picked_at = models.DateTimeField(default=now, db_index=True)
    picked_by_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        db_table = "agent_picks"

    def __str__(self) -> str:
        return f"{self.agent_id}: {self.reason}"
