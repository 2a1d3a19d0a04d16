"""Workflows, review tasks and comments. The tables are those of the data model."""

import uuid
from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from foundation.clock import now
from wordclaw.content.models import ContentItem, ContentType
from wordclaw.content.models.items import STATUS_LENGTH
from wordclaw.policy.models import Domain

NAME_LENGTH = 120
REASON_LENGTH = COMMENT_LENGTH = 4000
POINTER_LENGTH = 500
SUBJECT_TYPE_LENGTH = 32
SUBJECT_ID_LENGTH = 200


class Workflow(models.Model):
    """The states of a content type's items. At most one of a type is active."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    domain = models.ForeignKey(Domain, models.PROTECT, related_name="+")
    content_type = models.ForeignKey(ContentType, models.PROTECT, related_name="workflows")
    name = models.CharField(max_length=NAME_LENGTH)
    is_active = models.BooleanField(default=True)
    sla_hours = models.PositiveIntegerField(
        null=True, help_text="Hours in which a review is to be decided"
    )
    created_at = models.DateTimeField(default=now)
    updated_at = models.DateTimeField(default=now)

    objects: ClassVar = models.Manager["Workflow"]()

    class Meta:
        db_table = "workflows"
        constraints = [
            models.UniqueConstraint(
                fields=["content_type"],
                name="one_active_workflow_per_type",
                condition=Q(is_active=True),
            )
        ]
        indexes = [models.Index(fields=["domain", "created_at", "id"], name="workflows_of_domain")]

    def __str__(self) -> str:
        return self.name


class WorkflowTransition(models.Model):
    """A change of state that a review may allow, and the roles that may ask for it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workflow = models.ForeignKey(Workflow, models.CASCADE, related_name="transitions")
    from_state = models.CharField(max_length=STATUS_LENGTH)
    to_state = models.CharField(max_length=STATUS_LENGTH)
    required_roles = models.JSONField(default=list, help_text="Empty: whoever may write")
    created_at = models.DateTimeField(default=now)

    objects: ClassVar = models.Manager["WorkflowTransition"]()

    class Meta:
        db_table = "workflow_transitions"
        constraints = [
            models.UniqueConstraint(
                fields=["workflow", "from_state", "to_state"], name="one_transition_per_states"
            )
        ]

    def __str__(self) -> str:
        return f"{self.from_state} → {self.to_state}"


class TaskStatus(models.TextChoices):
    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    # The item was submitted again before a decision.
    SUPERSEDED = "superseded"


class TaskSource(models.TextChoices):
    AUTHOR_SUBMIT = "author_submit"
    EXTERNAL_FEEDBACK = "external_feedback"
    FORM = "form"


SUBMISSIONS = (TaskSource.AUTHOR_SUBMIT.value, TaskSource.FORM.value)
"""Sources of tasks that decide about the state of an item; feedback leaves it as it is."""


class ReviewTask(models.Model):
    """A decision on one version of an item that was asked for.

    The states are copies: a transition may be removed while its tasks are undecided.
    """

    Status = TaskStatus
    Source = TaskSource

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    domain = models.ForeignKey(Domain, models.PROTECT, related_name="+")
    # Empty for a subject of the host, which feedback was given on.
    item = models.ForeignKey(ContentItem, models.PROTECT, null=True, related_name="review_tasks")
    version = models.PositiveIntegerField(help_text="The version that is to be decided")
    subject_type = models.CharField(max_length=SUBJECT_TYPE_LENGTH, blank=True)
    subject_id = models.CharField(max_length=SUBJECT_ID_LENGTH, blank=True)
    transition = models.ForeignKey(WorkflowTransition, models.SET_NULL, null=True)
    from_state = models.CharField(max_length=STATUS_LENGTH)
    to_state = models.CharField(max_length=STATUS_LENGTH)
    status = models.CharField(max_length=10, choices=TaskStatus, default=TaskStatus.PENDING)
    source = models.CharField(max_length=17, choices=TaskSource, default=TaskSource.AUTHOR_SUBMIT)
    source_event_id = models.UUIDField(null=True)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    submitter = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    # Who wrote the data of the version. Stored, because later versions have other authors.
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    message = models.CharField(max_length=REASON_LENGTH, blank=True)
    # Of the workflow at the time of the submission: a later change must not make it overdue.
    due_at = models.DateTimeField(null=True)
    # When the reviewers were told that it is overdue.
    overdue_told_at = models.DateTimeField(null=True)
    decider = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=REASON_LENGTH, blank=True)
    created_at = models.DateTimeField(default=now)
    updated_at = models.DateTimeField(default=now)

    objects: ClassVar = models.Manager["ReviewTask"]()

    class Meta:
        db_table = "review_tasks"
        constraints = [
            # The last word for two submissions at once, should a door forget the lock of the item.
            models.UniqueConstraint(
                fields=["item"],
                name="one_pending_submission_per_item",
                condition=Q(status="pending", source__in=SUBMISSIONS),
            ),
            models.CheckConstraint(
                condition=Q(status__in=TaskStatus.values), name="task_status_is_known"
            ),
        ]
        indexes = [
            # The inbox: what is due first, then what waits longest.
            models.Index(
                fields=["domain", "status", "due_at", "created_at", "id"], name="review_inbox"
            ),
            models.Index(fields=["item", "-created_at"], name="review_tasks_of_an_item"),
        ]

    def __str__(self) -> str:
        return f"{self.item_id or self.subject_id} v{self.version} → {self.to_state}"

    @property
    def is_feedback(self) -> bool:
        """Whether it asks for changes of what is live, which the decision leaves as it is."""
        return self.source == TaskSource.EXTERNAL_FEEDBACK

    def is_stale(self) -> bool:
        """Whether its item has changed since, so that it cannot be approved."""
        is_pending = self.status == TaskStatus.PENDING and not self.is_feedback
        return is_pending and self.item is not None and self.version != self.item.version

    def is_overdue(self, moment: datetime) -> bool:
        """Whether it waits longer than the workflow allows."""
        is_late = self.due_at is not None and self.due_at < moment
        return is_late and self.status == TaskStatus.PENDING


class ReviewComment(models.Model):
    """A comment on an item, on the field at ``pointer`` if it has one."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    domain = models.ForeignKey(Domain, models.PROTECT, related_name="+")
    item = models.ForeignKey(ContentItem, models.PROTECT, related_name="comments")
    version = models.PositiveIntegerField(help_text="The working copy that was commented on")
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="replies")
    pointer = models.CharField(max_length=POINTER_LENGTH, blank=True)
    body = models.CharField(max_length=COMMENT_LENGTH)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    resolver = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    resolved_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=now)

    objects: ClassVar = models.Manager["ReviewComment"]()

    class Meta:
        db_table = "review_comments"
        indexes = [models.Index(fields=["item", "created_at", "id"], name="comments_of_an_item")]

    def __str__(self) -> str:
        return f"{self.item_id} {self.pointer}"
