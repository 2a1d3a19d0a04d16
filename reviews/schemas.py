"""What goes over the wire about reviews."""

from typing import Annotated, Any

from ninja import Schema
from pydantic import AfterValidator, BaseModel, Field, StrictStr, WithJsonSchema

from foundation.accounts.models import FORMER, User
from foundation.clock import iso
from foundation.text.input import reject_nul
from reviews.models import BODY_LENGTH, REPLY_LENGTH, TITLE_LENGTH, Review

FORMER_MEMBER = f"{FORMER}member"

Words = Annotated[StrictStr, AfterValidator(reject_nul)]
# Any value is let through to the rule: whatever is not a rating is one refusal, invalid_rating.
Rating = Annotated[Any, WithJsonSchema({"type": "integer", "minimum": 1, "maximum": 5})]


# Not the framework's own base: that one reads a list or null as an object without attributes.
class ReviewIn(BaseModel):
    """What one thinks of an agent. Blank texts are stored as null."""

    rating: Rating = None
    title: Words | None = Field(None, description=f"Up to {TITLE_LENGTH} characters")
    body: Words | None = Field(None, description=f"Up to {BODY_LENGTH} characters")


class ReviewChanges(ReviewIn):
    """Absent keys stay as they are, null clears a text."""


class ReplyIn(BaseModel):
    """What the owner of the agent answers."""

    body: Words | None = Field(None, description=f"Required: up to {REPLY_LENGTH} characters")


class ReviewId(Schema):
    id: str


class Reviewer(Schema):
    githubLogin: str
    displayName: str | None
    avatarUrl: str | None


class Reply(Schema):
    body: str
    createdAt: str


class ReviewOut(Schema):
    id: str
    rating: int
    title: str | None
    body: str | None
    createdAt: str
    updatedAt: str
    reviewer: Reviewer
    reply: Reply | None


class ReviewPage(Schema):
    items: list[ReviewOut]
    avgRating: float | None
    reviewCount: int
    nextCursor: str | None = None


def review_out(review: Review) -> dict[str, Any]:
    """One review as the public reads it."""
    return {
        "id": str(review.pk),
        "rating": review.rating,
        "title": review.title,
        "body": review.body,
        "createdAt": iso(review.created_at),
        "updatedAt": iso(review.updated_at),
        "reviewer": reviewer_out(review.reviewer_user),
        "reply": reply_out(review),
    }


def reply_out(review: Review) -> dict[str, str] | None:
    """What the owner of the agent answers, as the public reads it; None without an answer."""
    if review.reply is None or review.replied_at is None:
        return None
    return {"body": review.reply, "createdAt": iso(review.replied_at)}


def reviewer_out(user: User) -> dict[str, Any]:
    """Who wrote a review. Former members all have one name: their own would lead from the review
    to their scope, and so to the login that they had."""
    if user.is_former:
        return {"githubLogin": FORMER_MEMBER, "displayName": None, "avatarUrl": None}
    # An account that was made on the command line has no profile.
    profile = getattr(user, "profile", None)
    return {
        "githubLogin": profile.github_login if profile else user.username,
        "displayName": profile.display_name if profile else None,
        "avatarUrl": profile.avatar_url if profile else None,
    }
