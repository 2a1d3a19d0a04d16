"""JSON of review tasks."""

from datetime import datetime
from typing import Any

from ninja import Schema
from pydantic import Field, StrictStr

from foundation.clock import iso, iso_or_none
from wordclaw.content.items.schemas import FieldChangeOut, login_of
from wordclaw.requests.schemas import StrictBody
from wordclaw.workflow.models import REASON_LENGTH, ReviewTask


class SubmitIn(StrictBody):
    to: StrictStr | None = None
    transition: StrictStr | None = None
    assignee: StrictStr | None = None
    message: StrictStr = Field("", max_length=500)


class DecisionIn(StrictBody):
    decision: StrictStr
    reason: StrictStr = Field("", max_length=REASON_LENGTH)


class ReviewTaskOut(Schema):
    id: str
    contentItemId: str | None
    contentType: str | None
    subjectType: str
    subjectId: str
    version: int
    fromState: str
    toState: str
    status: str
    stale: bool
    overdue: bool
    source: str
    sourceEventId: str | None
    assignee: str | None
    submitter: str | None
    message: str
    reason: str
    decidedBy: str | None
    decidedAt: str | None
    dueAt: str | None
    createdAt: str


class ReviewTaskDetail(ReviewTaskOut):
    changes: list[FieldChangeOut]


class ReviewTaskPage(Schema):
    items: list[ReviewTaskOut]
    nextCursor: str | None = None


def task_out(task: ReviewTask, moment: datetime) -> dict[str, Any]:
    """A task as members see it at a time. ``stale``: the item has changed since."""
    return {
        "id": str(task.pk),
        "contentItemId": str(task.item_id) if task.item_id else None,
        "contentType": task.item.content_type.slug if task.item else None,
        "subjectType": task.subject_type or "content_item",
        "subjectId": task.subject_id or str(task.item_id),
        "version": task.version,
        "fromState": task.from_state,
        "toState": task.to_state,
        "status": task.status,
        "stale": task.is_stale(),
        "overdue": task.is_overdue(moment),
        "source": task.source,
        "sourceEventId": str(task.source_event_id) if task.source_event_id else None,
        "assignee": login_of(task.assignee),
        "submitter": login_of(task.submitter),
        "message": task.message,
        "reason": task.reason,
        "decidedBy": login_of(task.decider),
        "decidedAt": iso_or_none(task.decided_at),
        "dueAt": iso_or_none(task.due_at),
        "createdAt": iso(task.created_at),
    }
