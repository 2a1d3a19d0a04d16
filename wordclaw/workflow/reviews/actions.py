"""Submitting items to a review, and deciding it.

Every write locks the item first and its task second, so of several decisions at once one is made
and the others find the task decided.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.audit.actions import record
from foundation.clock import now
from wordclaw.content.items.actions import lock_item, lock_type_of, move_item
from wordclaw.content.items.recording import checked
from wordclaw.content.models import ContentItem
from wordclaw.content.models.items import CHANGES_REQUESTED, IN_REVIEW, PUBLISHED
from wordclaw.content.work import charged
from wordclaw.policy.actions import authorize
from wordclaw.policy.host import content_host
from wordclaw.policy.models import Domain, MemberRole
from wordclaw.policy.queries import is_only_member, role_in
from wordclaw.requests.errors import PreconditionFailed, UnsupportedIfMatch
from wordclaw.workflow.definitions.queries import active_workflow, transitions_of
from wordclaw.workflow.errors import (
    FourEyesRequired,
    InvalidDecision,
    ReviewTaskClaimed,
    ReviewTaskNotFound,
    ReviewTaskNotPending,
    ReviewTaskStale,
    TransitionForbidden,
    TransitionNotFound,
    UnknownAssignee,
)
from wordclaw.workflow.models import REASON_LENGTH, ReviewTask, Workflow, WorkflowTransition
from wordclaw.workflow.reviews.queries import find_task, pending_submission
from wordclaw.workflow.rules import FULL_ROLES

APPROVED, REJECTED = ReviewTask.Status.APPROVED, ReviewTask.Status.REJECTED
MAX_OVERDUE_TASKS = 500
"""Overdue tasks of which one run tells; the next run goes on."""
DECISIONS = (APPROVED.value, REJECTED.value)


@charged
@transaction.atomic
def submit_item(
    domain: Domain,
    item_id: str,
    *,
    to_state: str | None = None,
    transition_id: str | None = None,
    assignee: str | None = None,
    message: str = "",
    expected_version: int | None = None,
    by: Actor,
) -> ReviewTask:
    """Ask for a review of an item's working copy.

    Either the state that it is to get or a transition is named. The task pins the version, and an
    earlier undecided one of the item is superseded. The data is checked now, so that no reviewer
    approves what cannot be published. Raises ItemNotFound, PreconditionFailed, TransitionNotFound,
    TransitionForbidden, UnknownAssignee, ItemDoesNotFit or a refusal of a reference.
    """
    role = authorize(
        by,
        "content.write",
        domain,
        resource_type="content_item",
        resource_id=item_id,
        # A transition may name reviewers, and is refused below if it does not.
        extra_roles=(MemberRole.REVIEWER,),
    )
    item = lock_item(domain, item_id, expected_version=expected_version)
    workflow = active_workflow(item.content_type)
    earlier_task = pending_submission(item)
    # An item in review counts as what it was before, so that it can be submitted again.
    is_waiting = item.status == IN_REVIEW and earlier_task is not None
    state = earlier_task.from_state if is_waiting and earlier_task else item.status
    transition = _find_transition(workflow, to_state, transition_id, state=state, role=role)
    reviewer = _find_assignee(domain, assignee)
    checked(item.content_type, item.data)
    # Before the new task: a constraint allows one undecided submission of an item.
    if earlier_task is not None:
        earlier_task.status = ReviewTask.Status.SUPERSEDED
        earlier_task.updated_at = now()
        earlier_task.save(update_fields=["status", "updated_at"])
    return open_task(item, transition, from_state=state, reviewer=reviewer, message=message, by=by)


def _find_transition(
    workflow: Workflow | None,
    to_state: str | None,
    transition_id: str | None,
    *,
    state: str,
    role: str,
) -> WorkflowTransition:
    transitions = transitions_of(workflow) if workflow else []
    candidates = [
        row
        for row in transitions
        if (to_state is None or row.to_state == to_state)
        and (transition_id is None or str(row.pk) == transition_id)
    ]
    if not candidates or (to_state is None and transition_id is None):
        raise TransitionNotFound
    for row in candidates:
        if row.from_state == state and may_submit(row, role):
            return row
    allowed_states = {row.to_state for row in transitions if row.from_state == state}
    raise TransitionForbidden(state=state, states=sorted(allowed_states))


def may_submit(transition: WorkflowTransition, role: str) -> bool:
    """Whether members with a role may ask for a transition."""
    if not transition.required_roles:
        return role in FULL_ROLES or role == MemberRole.EDITOR
    return role in FULL_ROLES or role in transition.required_roles


def _find_assignee(domain: Domain, login: str | None) -> User | None:
    if not login:
        return None
    user = User.objects.filter(username=login.lower().lstrip("@"), is_active=True).first()
    # Any role will do, because the assignee of a task may decide it.
    if user is None or not role_in(domain, Actor(user=user)):
        raise UnknownAssignee
    return user


def open_task(
    item: ContentItem,
    transition: WorkflowTransition,
    *,
    from_state: str,
    reviewer: User | None = None,
    message: str = "",
    source: str = ReviewTask.Source.AUTHOR_SUBMIT,
    source_event_id: UUID | None = None,
    by: Actor,
) -> ReviewTask:
    """Put a locked or new item in review and add the task that pins its version.

    The caller checks that the actor may ask for it. ``source_event_id``: the submission or the
    feedback that the task comes from.
    """
    # First, because the move adds a version, and the task pins the newest one.
    move_item(item, IN_REVIEW, message=message, by=by)
    hours = transition.workflow.sla_hours
    task: ReviewTask = ReviewTask.objects.create(
        domain_id=item.domain_id,
        item=item,
        version=item.version,
        transition=transition,
        from_state=from_state,
        to_state=transition.to_state,
        assignee=reviewer,
        submitter_id=by.user_id,
        author_id=item.data_author_id,
        source=source,
        source_event_id=source_event_id,
        message=message[:REASON_LENGTH],
        due_at=now() + timedelta(hours=hours) if hours else None,
    )
    task.submitter = by.user  # type: ignore[assignment]
    _record("submit", task, by=by, assignee=reviewer.username if reviewer else None)
    return task


def open_feedback_task(
    domain: Domain,
    item: ContentItem | None,
    *,
    event_id: UUID,
    version: int = 0,
    subject: tuple[str, str] = ("", ""),
    message: str = "",
    by: Actor,
) -> ReviewTask:
    """Add a task for feedback on an item, or on a subject: its type and ID.

    Nothing changes: the decision says whether the domain will follow the feedback.
    """
    subject_type, subject_id = subject
    task: ReviewTask = ReviewTask.objects.create(
        domain=domain,
        item=item,
        version=version,
        subject_type=subject_type,
        subject_id=subject_id,
        source=ReviewTask.Source.EXTERNAL_FEEDBACK,
        source_event_id=event_id,
        message=message[:REASON_LENGTH],
    )
    _record("submit", task, by=by)
    return task


@transaction.atomic
def claim_task(domain: Domain, task_id: str, *, by: Actor) -> ReviewTask:
    """Make the actor the assignee of a task.

    Raises ReviewTaskNotFound, ReviewTaskNotPending or ReviewTaskClaimed.
    """
    user = by.require_user()
    authorize(by, "content.review", domain, resource_type="review_task", resource_id=task_id)
    task, _ = _lock_task(domain, task_id)
    if task.assignee_id not in (None, user.pk):
        raise ReviewTaskClaimed
    return _assign(task, user.pk, "claim", by=by)


@transaction.atomic
def release_task(domain: Domain, task_id: str, *, by: Actor) -> ReviewTask:
    """Give a task back. Owner and admins may take it from another member.

    Raises ReviewTaskNotFound, ReviewTaskNotPending or ReviewTaskClaimed.
    """
    user = by.require_user()
    role = authorize(by, "content.review", domain, resource_type="review_task", resource_id=task_id)
    task, _ = _lock_task(domain, task_id)
    if task.assignee_id not in (None, user.pk) and role not in FULL_ROLES:
        raise ReviewTaskClaimed
    return _assign(task, None, "release", by=by)


def _assign(task: ReviewTask, user_id: UUID | None, action: str, *, by: Actor) -> ReviewTask:
    # Repeating it is no error, so that a client may send it again after a lost answer.
    if task.assignee_id == user_id:
        return task
    task.assignee = User.objects.get(pk=user_id) if user_id else None
    task.updated_at = now()
    task.save(update_fields=["assignee", "updated_at"])
    _record(action, task, by=by)
    return task


@charged
@transaction.atomic
def decide_task(
    domain: Domain,
    task_id: str,
    *,
    decision: str,
    reason: str = "",
    expected_version: int | None = None,
    by: Actor,
) -> ReviewTask:
    """Approve or reject the version of a task.

    An approval gives the item the state that was asked for. A rejection needs a reason, and gives
    the state ``changes_requested`` unless the item has changed since. ``expected_version``: of the
    working copy that the reviewer has seen. Raises ReviewTaskNotFound, ReviewTaskNotPending,
    PreconditionFailed, UnsupportedIfMatch, ReviewTaskStale, FourEyesRequired, InvalidDecision,
    ItemDoesNotFit or a refusal of a reference.
    """
    _authorize_decision(by, domain, task_id)
    task, item = _lock_task(domain, task_id)
    _require_version(item, expected_version)
    is_alone = _require_four_eyes(task, domain, by=by)
    # The host knows relations that the runtime does not, such as own matters of maintainers.
    content_host().may_decide(task, by)
    reason = reason.strip()
    if decision not in DECISIONS:
        raise InvalidDecision("decision is approved or rejected.")
    if decision == REJECTED and not reason:
        raise InvalidDecision("A rejection needs a reason, which the author reads.")
    # A decision about feedback leaves the item as it is.
    if item is not None and not task.is_feedback:
        _move(task, item, decision, reason, by=by)
    task.status, task.reason = decision, reason[:REASON_LENGTH]
    task.decider = by.user  # type: ignore[assignment]
    task.decided_at = task.updated_at = now()
    task.save(update_fields=["status", "reason", "decider", "decided_at", "updated_at"])
    # The record says when the rule of two people could not be kept.
    details = {"ownVersion": True} if is_alone else {}
    _record("decide", task, by=by, decision=decision, **details)
    return task


def _require_version(item: ContentItem | None, expected_version: int | None) -> None:
    if expected_version is None:
        return
    # A task about another subject has no working copy, and so no version.
    if item is None:
        raise UnsupportedIfMatch
    if item.version != expected_version:
        raise PreconditionFailed(current=item.version, expected=expected_version)


def _move(task: ReviewTask, item: ContentItem, decision: str, reason: str, *, by: Actor) -> None:
    """Give the item the state of the decision. Raises ReviewTaskStale."""
    is_stale = task.version != item.version
    # An approval of what no reviewer has read must not reach readers.
    if decision == APPROVED and is_stale:
        raise ReviewTaskStale(current=item.version, submitted=task.version)
    if not is_stale:
        state = task.to_state if decision == APPROVED else CHANGES_REQUESTED
        move_item(item, state, message=reason, by=by)


def _authorize_decision(by: Actor, domain: Domain, task_id: str) -> None:
    """Allow reviewers, and the assignee of the task whatever their role is."""
    task = find_task(domain, task_id)
    is_assignee = task is not None and task.assignee_id == by.user_id
    authorize(
        by,
        "content.review",
        domain,
        resource_type="review_task",
        resource_id=task_id,
        hidden_as=ReviewTaskNotFound,
        extra_roles=MemberRole.values if is_assignee else (),
    )


def _lock_task(domain: Domain, task_id: str) -> tuple[ReviewTask, ContentItem | None]:
    """Lock the item and its task. Raises ReviewTaskNotFound or ReviewTaskNotPending."""
    task = find_task(domain, task_id)
    if task is None:
        raise ReviewTaskNotFound
    if task.item_id and task.to_state == PUBLISHED:
        lock_type_of(domain, task.item_id)
    item = lock_item(domain, task.item_id) if task.item_id else None
    # A task without an item is locked itself.
    ReviewTask.objects.select_for_update(no_key=True).filter(pk=task.pk).first()
    # Read again under the lock of the item, which every writer of its tasks holds.
    task.refresh_from_db(fields=["status", "assignee"])
    if task.status != ReviewTask.Status.PENDING:
        raise ReviewTaskNotPending(status=task.status)
    if item is not None:
        task.item = item
    return task, item


def _require_four_eyes(task: ReviewTask, domain: Domain, *, by: Actor) -> bool:
    """Raise FourEyesRequired for the author and the submitter of a version.

    Returns True if the owner decides alone, because the domain has no other member.
    """
    if by.user_id not in (task.author_id, task.submitter_id):
        return False
    is_owner = role_in(domain, by) == MemberRole.OWNER
    if is_owner and by.user_id and is_only_member(domain, by.user_id):
        return True
    raise FourEyesRequired


def _record(action: str, task: ReviewTask, *, by: Actor, **details: Any) -> None:
    record(
        f"review_task.{action}",
        "review_task",
        str(task.pk),
        by=by,
        tenant=task.domain.name,
        contentItem=str(task.item_id) if task.item_id else task.subject_id,
        contentType=task.item.content_type.slug if task.item else task.subject_type,
        version=task.version,
        toState=task.to_state,
        **details,
    )


def tell_overdue_tasks() -> int:
    """Note the tasks that have become overdue, each once; emails follow.

    Returns how many.
    """
    moment = now()
    late = ReviewTask.objects.filter(
        status=ReviewTask.Status.PENDING,
        due_at__lt=moment,
        overdue_told_at=None,
        item__deleted_at=None,
    )
    ids = list(late.order_by("due_at", "id").values_list("pk", flat=True)[:MAX_OVERDUE_TASKS])
    return sum(_tell_overdue(task_id, moment) for task_id in ids)


@transaction.atomic
def _tell_overdue(task_id: UUID, moment: datetime) -> bool:
    # The condition lets one of two workers tell of it.
    rows = ReviewTask.objects.filter(
        pk=task_id, status=ReviewTask.Status.PENDING, overdue_told_at=None
    )
    if not rows.update(overdue_told_at=moment):
        return False
    task = ReviewTask.objects.select_related("domain", "item__content_type").get(pk=task_id)
    _record("overdue", task, by=Actor(door="system"))
    return True
