"""Reads of review tasks."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from foundation.actor import Actor
from foundation.paging import Ordering, Sort
from foundation.refusals import InvalidParameter
from foundation.text.input import read_uuid
from wordclaw.content.models import ContentItem, ContentItemVersion
from wordclaw.policy.hidden import without_hidden
from wordclaw.policy.models import Domain
from wordclaw.schema.diff import diff_documents
from wordclaw.workflow.models import SUBMISSIONS, ReviewTask, TaskStatus

# What is due first comes first, so overdue tasks lead; then what waits longest.
INBOX: Ordering = (Sort("due_at", nullable=True), Sort("created_at"), Sort("id"))


@dataclass(frozen=True, slots=True)
class TaskFilters:
    """The parameters of a list of tasks.

    ``assignee`` is a login, and ``assignee_id`` the id of a user.
    """

    status: str | None = None
    assignee: str | None = None
    assignee_id: UUID | None = None
    item: str | None = None


def tasks_of(domain: Domain, filters: TaskFilters, *, by: Actor) -> QuerySet[ReviewTask]:
    """Return the tasks of a domain that a member may see.

    Raises InvalidParameter for an unknown status.
    """
    # A task without an item has no deletion either, so feedback on subjects of the host stays.
    tasks: QuerySet[ReviewTask] = ReviewTask.objects.filter(domain=domain, item__deleted_at=None)
    if filters.status is not None:
        if filters.status not in TaskStatus.values:
            choices = ", ".join(TaskStatus.values)
            raise InvalidParameter(f"status is one of {choices}.", parameter="status")
        tasks = tasks.filter(status=filters.status)
    if filters.assignee is not None:
        tasks = tasks.filter(assignee__username=filters.assignee.lower().lstrip("@"))
    if filters.assignee_id is not None:
        tasks = tasks.filter(assignee_id=filters.assignee_id)
    if filters.item is not None:
        tasks = tasks.filter(item_id=read_uuid(filters.item))
    return with_people(without_hidden(tasks, "item_id", domain, by))


def with_people(tasks: QuerySet[ReviewTask]) -> QuerySet[ReviewTask]:
    tasks = tasks.select_related(
        *("item__content_type__domain", "domain"),
        *("assignee", "submitter", "author", "decider"),
    )
    # The data of an item may have a megabyte, and no row of a list shows it.
    return tasks.defer("item__data")


def find_task(domain: Domain, task_id: str | UUID) -> ReviewTask | None:
    """Return a task of a domain; None also for what is no UUID."""
    tasks = with_people(ReviewTask.objects.filter(domain=domain, item__deleted_at=None))
    return tasks.filter(pk=read_uuid(task_id)).first()


def pending_submission(item: ContentItem) -> ReviewTask | None:
    """Return the undecided task of an item's last submission."""
    tasks = ReviewTask.objects.filter(item=item, status=TaskStatus.PENDING)
    return tasks.filter(source__in=SUBMISSIONS).first()


def proposed_changes(task: ReviewTask) -> list[dict[str, Any]]:
    """Return what differs between what readers get and the version of a task."""
    # Feedback proposes nothing: it is about what readers get.
    if task.item is None or task.is_feedback:
        return []
    proposed_version = ContentItemVersion.objects.get(item_id=task.item_id, version=task.version)
    live_id = task.item.published_version_id
    live = ContentItemVersion.objects.get(pk=live_id).data if live_id else {}
    return [change.as_json() for change in diff_documents(live, proposed_version.data)]
