"""JSON of comments."""

from typing import Any

from ninja import Schema
from pydantic import Field, StrictStr

from foundation.clock import iso, iso_or_none
from wordclaw.content.items.schemas import login_of
from wordclaw.requests.schemas import StrictBody
from wordclaw.workflow.models import COMMENT_LENGTH, ReviewComment


class CommentIn(StrictBody):
    body: StrictStr = Field(max_length=COMMENT_LENGTH)
    pointer: StrictStr = ""
    replyTo: StrictStr | None = None


class CommentOut(Schema):
    id: str
    contentItemId: str
    version: int
    pointer: str
    body: str
    replyTo: str | None
    author: str | None
    resolvedBy: str | None
    resolvedAt: str | None
    createdAt: str


class CommentPage(Schema):
    items: list[CommentOut]
    nextCursor: str | None = None


def comment_out(comment: ReviewComment) -> dict[str, Any]:
    return {
        "id": str(comment.pk),
        "contentItemId": str(comment.item_id),
        "version": comment.version,
        "pointer": comment.pointer,
        "body": comment.body,
        "replyTo": str(comment.parent_id) if comment.parent_id else None,
        "author": login_of(comment.author),
        "resolvedBy": login_of(comment.resolver),
        "resolvedAt": iso_or_none(comment.resolved_at),
        "createdAt": iso(comment.created_at),
    }
