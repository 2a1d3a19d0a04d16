"""Questions of the pages of reviews."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from clawstore.studio.comparison import FieldDifference
from clawstore.studio.editor.form import DocumentForm, path_of
from clawstore.studio.editor.nodes import Node
from clawstore.studio.titles import titles_of
from foundation.accounts.models import User
from foundation.actor import Actor
from wordclaw.content.models import ContentItem
from wordclaw.content.models.items import IN_REVIEW
from wordclaw.feedback.models import ExternalFeedback
from wordclaw.forms.models import FormSubmission
from wordclaw.policy.models import Domain
from wordclaw.policy.queries import people_with
from wordclaw.workflow.definitions.queries import active_workflow, transitions_of
from wordclaw.workflow.models import (
    ReviewComment,
    ReviewTask,
    TaskSource,
    WorkflowTransition,
)
from wordclaw.workflow.reviews.actions import may_submit

MAX_COMMENTS = 200
"""Comments that a page shows."""
MAX_PLACES = 200
"""Fields that the menu of a comment names."""


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A review task as lists show it."""

    task: ReviewTask
    title: str
    is_overdue: bool
    is_stale: bool
    # The name of a sender without an account: of feedback, or of a form.
    sender: str = ""


@dataclass(slots=True)
class CommentThread:
    """A comment with the label of its field, and the replies to it."""

    comment: ReviewComment
    label: str
    replies: list[ReviewComment] = field(default_factory=list)


def task_rows(
    domain: Domain,
    tasks: list[ReviewTask],
    moment: datetime,
    titles: Mapping[UUID, str] | None = None,
) -> list[TaskRow]:
    """Return tasks with the titles of their items, in a constant number of queries.

    ``titles``: those of the items, where the caller knows them.
    """
    if titles is None:
        ids = {task.item_id for task in tasks if task.item_id}
        titles = titles_of(ContentItem.objects.filter(domain=domain, pk__in=ids).for_lists())
    senders = _senders(domain, [task for task in tasks if task.submitter_id is None])
    return [
        TaskRow(
            task,
            titles.get(task.item_id, "") if task.item_id else task.subject_id,
            task.is_overdue(moment),
            task.is_stale(),
            senders.get(task.pk, ""),
        )
        for task in tasks
    ]


def _senders(domain: Domain, tasks: list[ReviewTask]) -> dict[UUID, str]:
    """Return the names of people without an account by the ID of the task."""
    names: dict[UUID, str] = {}
    feedback_ids = [task.pk for task in tasks if task.is_feedback]
    if feedback_ids:
        events = ExternalFeedback.objects.filter(domain=domain, task__in=feedback_ids)
        columns = events.values_list("task_id", "actor_display_name", "actor_id")
        names |= {task_id: name or actor_id for task_id, name, actor_id in columns}
    form_ids = [task.pk for task in tasks if task.source == TaskSource.FORM]
    if form_ids:
        submissions = FormSubmission.objects.filter(domain=domain, task__in=form_ids)
        names |= {
            task_id: email or _("a visitor")
            for task_id, email in submissions.values_list("task_id", "email")
        }
    return names


def allowed_transitions(
    item: ContentItem, tasks: Sequence[ReviewTask], role: str
) -> list[WorkflowTransition]:
    """Return the transitions to which a role may submit an item now."""
    workflow = active_workflow(item.content_type)
    if workflow is None:
        return []
    state = item.status
    if state == IN_REVIEW:
        # An item in review counts as what it was before.
        pending = [task for task in tasks if task.status == ReviewTask.Status.PENDING]
        state = pending[0].from_state if pending else state
    return [
        row for row in transitions_of(workflow) if row.from_state == state and may_submit(row, role)
    ]


def possible_reviewers(domain: Domain, item: ContentItem, by: Actor) -> list[User]:
    """Return the people who may decide, without the author and the submitter."""
    own = {item.data_author_id, by.user_id}
    return [user for user in people_with(domain, "content.review") if user.pk not in own]


def comment_places(
    schema: dict[str, Any], data: Any, changes: Iterable[FieldDifference]
) -> list[tuple[str, str]]:
    """Return pointers and labels of what a comment can be about, changes included.

    A change may be about a field that is not in ``data`` any more.
    """
    nodes = DocumentForm(schema, data).node().walk()
    places = {node.pointer: node for node in reversed(nodes)}
    labels = {node.pointer: path_of(places, node.pointer) for node in nodes if node.label}
    labels.pop("", None)
    changed_labels = {change.pointer: change.label for change in changes}
    return list((changed_labels | labels).items())[:MAX_PLACES]


def comment_threads(item: ContentItem) -> list[CommentThread]:
    """Return the comments on an item, open ones first, oldest first."""
    comments = ReviewComment.objects.filter(item=item).select_related("author", "resolver")
    rows = list(comments.order_by("created_at", "id")[:MAX_COMMENTS])
    root = DocumentForm(item.content_type.schema, item.data).node()
    places = {node.pointer: node for node in reversed(root.walk())}
    threads = {
        row.pk: CommentThread(row, path_of(places, row.pointer) or row.pointer)
        for row in rows
        if row.parent_id is None
    }
    replies = sorted((row for row in rows if row.parent_id), key=lambda row: str(row.parent_id))
    for parent_id, group in groupby(replies, key=lambda row: row.parent_id):
        if parent_id in threads:
            threads[parent_id].replies = sorted(group, key=lambda row: row.created_at)
    return sorted(threads.values(), key=lambda thread: thread.comment.resolved_at is not None)


def add_comments(root: Node, item: ContentItem) -> None:
    """Add the open comments on an item to the controls of its fields.

    One about a place that has no control is shown at the next field above.
    """
    comments = ReviewComment.objects.filter(item=item, parent=None, resolved_at=None)
    comments = comments.exclude(pointer="").select_related("author")
    rows = list(comments.order_by("created_at", "id")[:MAX_COMMENTS])
    if not rows:
        return
    places = {node.pointer: node for node in reversed(root.walk())}
    for row in rows:
        place = row.pointer
        while place and place not in places:
            place = place.rpartition("/")[0]
        if place:
            author = f"@{row.author.username}" if row.author else ""
            places[place].comments.append((author, row.body))
