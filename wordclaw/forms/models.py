"""Form definitions, submissions and answers."""

import secrets
import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from foundation.clock import now
from foundation.webhooks.models import Webhook
from wordclaw.content.models import ContentItem, ContentType
from wordclaw.content.models.assets import ASSET_NAME_LENGTH
from wordclaw.content.models.items import DRAFT, STATUS_LENGTH
from wordclaw.content.models.types import SLUG_LENGTH
from wordclaw.policy.models import Domain
from wordclaw.workflow.models import ReviewTask, WorkflowTransition

NAME_LENGTH = 120
DESCRIPTION_LENGTH = MESSAGE_LENGTH = 1000
SECRET_LENGTH = 200
RECEIPT_LENGTH = PAGE_ID_LENGTH = 32
EMAIL_LENGTH = 254
ANSWER_LENGTH = 4000
FIELD_NAME_LENGTH = 200


def new_receipt() -> str:
    """Return an address that cannot be guessed."""
    return secrets.token_urlsafe(24)


class FormDefinition(models.Model):
    """A form on a content type; each submission makes an item of the type.

    ``fields`` is a list of ``{name, label, type, required, help, placeholder, options, default}``.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    domain = models.ForeignKey(Domain, models.PROTECT, related_name="+")
    content_type = models.ForeignKey(ContentType, models.PROTECT, related_name="forms")
    name = models.CharField(max_length=NAME_LENGTH)
    slug = models.CharField(max_length=SLUG_LENGTH)
    description = models.CharField(max_length=DESCRIPTION_LENGTH, blank=True)
    fields = models.JSONField(default=list)
    default_data = models.JSONField(default=dict)
    is_active = models.BooleanField(default=True)
    # Whether strangers may read the fields, and so use the page.
    public_read = models.BooleanField(default=True)
    requires_sign_in = models.BooleanField(default=False)
    submission_status = models.CharField(max_length=STATUS_LENGTH, default=DRAFT)
    # A submission is submitted to a review by this transition; empty: none is opened.
    transition = models.ForeignKey(WorkflowTransition, models.SET_NULL, null=True, related_name="+")
    requires_payment = models.BooleanField(default=False)
    price_satoshis = models.PositiveBigIntegerField(null=True)
    # It hears of this form alone, and is listed with those of the domain.
    webhook = models.ForeignKey(Webhook, models.SET_NULL, null=True, related_name="+")
    success_message = models.CharField(max_length=MESSAGE_LENGTH, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=now)
    updated_at = models.DateTimeField(default=now)
    # The row stays, because its submissions stay.
    deleted_at = models.DateTimeField(null=True)

    objects: ClassVar = models.Manager["FormDefinition"]()
    # Set when a webhook was made, for the one answer that shows it.
    new_secret = ""

    class Meta:
        db_table = "form_definitions"
        constraints = [
            models.UniqueConstraint(
                fields=["domain", "slug"],
                name="one_form_per_domain_and_slug",
                condition=Q(deleted_at=None),
            ),
            # The rule below all doors, also for a definition that an import brings.
            models.CheckConstraint(
                condition=~Q(submission_status="published"),
                name="submissions_are_never_published",
            ),
        ]

    def __str__(self) -> str:
        return self.slug


class FormSubmission(models.Model):
    """A submission of a form. Its data is that of version 1 of the item."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    domain = models.ForeignKey(Domain, models.PROTECT, related_name="+")
    form = models.ForeignKey(FormDefinition, models.PROTECT, related_name="submissions")
    item = models.OneToOneField(ContentItem, models.PROTECT, related_name="+")
    task = models.ForeignKey(ReviewTask, models.PROTECT, null=True, related_name="+")
    # Apart from the id, which members see: the address of the receipt belongs to the submitter.
    receipt = models.CharField(max_length=RECEIPT_LENGTH, unique=True, default=new_receipt)
    submitter = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    email = models.CharField(max_length=EMAIL_LENGTH, blank=True, help_text="As typed in the form")
    address_hash = models.CharField(max_length=64, blank=True)
    # A submission of a flood: stored and listed apart, without a review, a webhook or an email.
    is_set_apart = models.BooleanField(default=False)
    # Of the page that was sent, so that a page sent twice makes one submission.
    page_id = models.CharField(max_length=PAGE_ID_LENGTH, null=True)
    answered_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=now)

    objects: ClassVar = models.Manager["FormSubmission"]()

    class Meta:
        db_table = "form_submissions"
        constraints = [
            models.UniqueConstraint(
                fields=["form", "page_id"],
                name="one_submission_per_page",
                condition=Q(page_id__isnull=False),
            )
        ]
        indexes = [
            models.Index(
                fields=["form", "is_set_apart", "-created_at", "id"],
                name="submissions_newest_first",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.form_id} {self.pk}"


class FormUpload(models.Model):
    """A file that was sent for a form, until the form itself is sent or a day is over.

    Then it becomes an asset with the same ID, which the submission refers to.
    """

    # The key of the sender, who alone knows it.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # A row of a day, which nothing but its form and its sender need.
    form = models.ForeignKey(FormDefinition, models.CASCADE, related_name="+", db_index=False)
    field = models.CharField(max_length=FIELD_NAME_LENGTH)
    name = models.CharField(max_length=ASSET_NAME_LENGTH)
    content_type = models.CharField(max_length=64)
    size_bytes = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    storage_key = models.CharField(max_length=200, db_index=True)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    # Hashed: the user or the network, whose files are counted together.
    sender = models.CharField(max_length=100)
    created_at = models.DateTimeField(default=now, db_index=True)

    objects: ClassVar = models.Manager["FormUpload"]()

    class Meta:
        db_table = "form_uploads"
        indexes = [models.Index(fields=["form", "sender"], name="uploads_of_a_sender")]

    def __str__(self) -> str:
        return f"{self.name} ({self.pk})"


class FormAnswer(models.Model):
    """An answer to a submission, shown on the receipt and emailed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    submission = models.ForeignKey(FormSubmission, models.PROTECT, related_name="answers")
    body = models.CharField(max_length=ANSWER_LENGTH)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=now)

    objects: ClassVar = models.Manager["FormAnswer"]()

    class Meta:
        db_table = "form_answers"

    def __str__(self) -> str:
        return f"{self.submission_id} {self.created_at:%Y-%m-%d}"
