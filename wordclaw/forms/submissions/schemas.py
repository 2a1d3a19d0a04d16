"""JSON of submissions."""

from typing import Any

from ninja import Schema
from pydantic import Field, StrictStr

from foundation.clock import iso, iso_or_none
from wordclaw.content.items.schemas import login_of
from wordclaw.forms.models import ANSWER_LENGTH, FormAnswer, FormSubmission
from wordclaw.requests.schemas import StrictBody


class SubmissionIn(StrictBody):
    data: dict[str, Any]


class AnswerIn(StrictBody):
    body: StrictStr = Field(max_length=ANSWER_LENGTH)


class ReceiptOut(Schema):
    receipt: str | None
    successMessage: str | None = None
    reviewTaskId: str | None = None


class AnswerOut(Schema):
    id: str
    body: str
    author: str | None
    createdAt: str


class SubmissionOut(Schema):
    id: str
    form: str
    data: dict[str, Any]
    contentItemId: str
    itemStatus: str
    reviewTaskId: str | None
    submitter: str | None
    email: str
    setApart: bool
    answeredAt: str | None
    createdAt: str


class SubmissionDetail(SubmissionOut):
    answers: list[AnswerOut]


class SubmissionPage(Schema):
    items: list[SubmissionOut]
    nextCursor: str | None = None


def receipt_out(submission: FormSubmission) -> dict[str, Any]:
    """The answer to a submitter: never the item."""
    out: dict[str, Any] = {"receipt": submission.receipt}
    if submission.form.success_message:
        out["successMessage"] = submission.form.success_message
    if submission.task_id:
        out["reviewTaskId"] = str(submission.task_id)
    return out


def submission_out(submission: FormSubmission, data: dict[str, Any]) -> dict[str, Any]:
    """A submission as members see it; the receipt is its sender's alone."""
    return {
        "id": str(submission.pk),
        "form": submission.form.slug,
        "data": data,
        "contentItemId": str(submission.item_id),
        "itemStatus": submission.item.status,
        "reviewTaskId": str(submission.task_id) if submission.task_id else None,
        "submitter": login_of(submission.submitter),
        "email": submission.email,
        "setApart": submission.is_set_apart,
        "answeredAt": iso_or_none(submission.answered_at),
        "createdAt": iso(submission.created_at),
    }


def answer_out(answer: FormAnswer) -> dict[str, Any]:
    return {
        "id": str(answer.pk),
        "body": answer.body,
        "author": login_of(answer.author),
        "createdAt": iso(answer.created_at),
    }
