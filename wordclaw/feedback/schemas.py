"""JSON of feedback and its tokens."""

from typing import Any

from ninja import Schema
from pydantic import Field, StrictBool, StrictInt, StrictStr

from foundation.clock import iso, iso_or_none
from wordclaw.content.items.schemas import login_of
from wordclaw.feedback.actions import DEFAULT_TTL, FeedbackText, Submitter
from wordclaw.feedback.models import ExternalFeedback, FeedbackToken
from wordclaw.requests.schemas import StrictBody


class SubmitterIn(StrictBody):
    actorId: StrictStr = Field(max_length=1000)
    displayName: StrictStr = Field("", max_length=1000)
    email: StrictStr = Field("", max_length=1000)
    source: StrictStr = Field("", max_length=1000)

    def submitter(self) -> Submitter:
        return Submitter(self.actorId, self.displayName, self.email, self.source)


class PublicFeedbackIn(StrictBody):
    decision: StrictStr | None = Field(None, max_length=64)
    comment: StrictStr | None = Field(None, max_length=20_000)
    prompt: StrictStr | None = Field(None, max_length=20_000)
    refinementMode: StrictStr | None = Field(None, max_length=64)

    def text(self) -> FeedbackText:
        return FeedbackText(
            self.decision or "", self.comment or "", self.prompt or "", self.refinementMode or ""
        )


class FeedbackIn(PublicFeedbackIn):
    submitter: SubmitterIn


class SubjectFeedbackIn(FeedbackIn):
    subjectType: StrictStr = Field(max_length=32)
    subjectId: StrictStr = Field(max_length=200)


class TokenIn(StrictBody):
    submitter: SubmitterIn
    ttlSeconds: StrictInt = DEFAULT_TTL
    allowAgentDirect: StrictBool = False
    uses: StrictInt | None = None


class SubjectTokenIn(TokenIn):
    subjectType: StrictStr = Field(max_length=32)
    subjectId: StrictStr = Field(max_length=200)


class FeedbackOut(Schema):
    id: str
    contentItemId: str | None
    subjectType: str
    subjectId: str
    publishedVersion: int | str | None
    decision: str | None
    comment: str
    prompt: str
    refinementMode: str
    actorId: str
    actorType: str
    actorSource: str
    actorDisplayName: str
    actorEmail: str
    reviewTaskId: str | None
    createdAt: str


class FeedbackAnswer(Schema):
    event: FeedbackOut
    reviewTask: dict[str, Any] | None


class PublicFeedbackOut(Schema):
    event: dict[str, Any]
    reviewTask: dict[str, Any] | None


class FeedbackPage(Schema):
    items: list[FeedbackOut]
    nextCursor: str | None = None


class NewTokenOut(Schema):
    id: str | None
    token: str | None
    path: str | None
    expiresAt: str


class TokenOut(Schema):
    id: str
    subjectType: str
    subjectId: str
    publishedVersion: int | str | None
    actorId: str
    actorDisplayName: str
    allowAgentDirect: bool
    uses: int | None
    usedCount: int
    expiresAt: str
    revokedAt: str | None
    createdBy: str | None
    createdAt: str


class TokenPage(Schema):
    items: list[TokenOut]
    nextCursor: str | None = None


class QuestionOut(Schema):
    subjectType: str
    subjectId: str
    publishedVersion: int | str | None
    allowAgentDirect: bool
    expiresAt: str
    data: dict[str, Any] | None = None


def version_of(row: ExternalFeedback | FeedbackToken) -> int | str | None:
    return row.published_version if row.item_id else row.subject_version


def feedback_out(event: ExternalFeedback) -> dict[str, Any]:
    return {
        "id": str(event.pk),
        "contentItemId": str(event.item_id) if event.item_id else None,
        "subjectType": event.subject_type,
        "subjectId": event.subject_id,
        "publishedVersion": version_of(event),
        "decision": event.decision or None,
        "comment": event.comment,
        "prompt": event.prompt,
        "refinementMode": event.refinement_mode,
        "actorId": event.actor_id,
        "actorType": event.actor_type,
        "actorSource": event.actor_source,
        "actorDisplayName": event.actor_display_name,
        "actorEmail": event.actor_email,
        "reviewTaskId": str(event.task_id) if event.task_id else None,
        "createdAt": iso(event.created_at),
    }


def token_out(token: FeedbackToken) -> dict[str, Any]:
    """A token as members see it: without its secret."""
    return {
        "id": str(token.pk),
        "subjectType": token.subject_type,
        "subjectId": token.subject_id,
        "publishedVersion": version_of(token),
        "actorId": token.actor_id,
        "actorDisplayName": token.actor_display_name,
        "allowAgentDirect": token.allows_agent_direct,
        "uses": token.max_uses,
        "usedCount": token.used_count,
        "expiresAt": iso(token.expires_at),
        "revokedAt": iso_or_none(token.revoked_at),
        "createdBy": login_of(token.created_by),
        "createdAt": iso(token.created_at),
    }
