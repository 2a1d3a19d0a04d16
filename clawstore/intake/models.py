"""Requests to the maintainers, and the reports that were opened from them."""

import uuid
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.clock import now
from moderation.models import Report
from wordclaw.forms.models import FormSubmission


class StoreRequest(FormSubmission):
    """A submission of a form of the store, as maintainers see it at the desk."""

    objects: ClassVar = models.Manager["StoreRequest"]()
    # Set by the desk: whether it is about an agent or a name of the reader.
    is_party: bool

    class Meta:
        proxy = True
        verbose_name = _("request")
        verbose_name_plural = _("requests")


class OpenedReport(models.Model):
    """A report that a maintainer opened from a submission."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    submission = models.OneToOneField(FormSubmission, models.PROTECT, related_name="opened_report")
    report = models.OneToOneField(Report, models.PROTECT, related_name="opened_from")
    created_at = models.DateTimeField(default=now)

    objects: ClassVar = models.Manager["OpenedReport"]()

    class Meta:
        db_table = "opened_reports"

    def __str__(self) -> str:
        return f"{self.submission_id} → {self.report_id}"
