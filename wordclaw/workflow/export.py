"""Exported tables of workflows and reviews, and what belongs to one person."""

from collections.abc import Collection
from datetime import timedelta

from django.db.models import Exists, F, OuterRef

from foundation.export import PersonalDataPart, Table, rows_without
from wordclaw.content.errors import WorkflowRequired
from wordclaw.content.models import ContentItem, ContentType
from wordclaw.content.models.items import PUBLISHED
from wordclaw.workflow.models import ReviewComment, ReviewTask, Workflow, WorkflowTransition

# The host's migrations may give types of the store's domain a workflow.
DOMAINS = "domains"
WORKFLOWS = Table(
    name="workflows",
    model=Workflow,
    order=["id"],
    private=True,
    replaces_rows=True,
    replaced_with=DOMAINS,
)
WORKFLOW_TRANSITIONS = Table(
    name="workflow_transitions",
    model=WorkflowTransition,
    order=["id"],
    private=True,
    replaces_rows=True,
    replaced_with=DOMAINS,
)
REVIEW_TASKS = Table(name="review_tasks", model=ReviewTask, order=["id"], private=True)
# Clocks of two servers may differ, and a backup must not be refused for that.
CLOCK_DIFFERENCE = timedelta(minutes=1)
REVIEW_COMMENTS = Table(
    name="review_comments", model=ReviewComment, order=["created_at", "id"], private=True
)


def after_import(_absent: Collection[str]) -> None:
    """Govern the types that have an active workflow, whatever the file says.

    Raises WorkflowRequired for an item that was published without a review.
    """
    active = Workflow.objects.filter(content_type=OuterRef("pk"), is_active=True)
    ContentType.objects.update(is_governed=Exists(active))
    _refuse_unreviewed_items()


def _refuse_unreviewed_items() -> None:
    # An approval adds the version after that which the task pins. What was published before the
    # workflow was started, or last changed, needed no review.
    approvals = ReviewTask.objects.filter(
        item=OuterRef("pk"),
        status=ReviewTask.Status.APPROVED,
        to_state=PUBLISHED,
        version=OuterRef("published_version__version") - 1,
    )
    items = ContentItem.objects.filter(
        content_type__workflows__is_active=True,
        published_version__created_at__gt=F("content_type__workflows__updated_at")
        + CLOCK_DIFFERENCE,
    )
    item = items.exclude(Exists(approvals)).order_by("pk").first()
    if item is not None:
        raise WorkflowRequired(
            f"content_items.jsonl: {item.pk} is published without an approved review,"
            " which the workflow of its content type demands."
        )


PERSONAL_DATA = (
    PersonalDataPart(
        "review_tasks",
        lambda user_id: rows_without(
            ReviewTask.objects.filter(submitter_id=user_id).order_by("created_at", "id")
        ),
    ),
    PersonalDataPart(
        "review_comments",
        lambda user_id: rows_without(
            ReviewComment.objects.filter(author_id=user_id).order_by("created_at", "id")
        ),
    ),
)
