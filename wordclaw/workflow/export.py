"""Exported tables of workflows and reviews, and what belongs to one person."""

from collections.abc import Collection

from django.db.models import Exists, OuterRef

from foundation.export import PersonalDataPart, Table, rows_without
from wordclaw.content.models import ContentType
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
REVIEW_COMMENTS = Table(
    name="review_comments", model=ReviewComment, order=["created_at", "id"], private=True
)


def after_import(_absent: Collection[str]) -> None:
    """Govern the types that have an active workflow, whatever the file says."""
    active = Workflow.objects.filter(content_type=OuterRef("pk"), is_active=True)
    ContentType.objects.update(is_governed=Exists(active))


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
