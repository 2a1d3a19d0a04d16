"""JSON schemas of reviews and replies."""

from typing import Annotated, Any

from ninja import Schema
from pydantic import AfterValidator, BaseModel, Field, StrictStr, WithJsonSchema

from foundation.accounts.models import FORMER_NAME_PREFIX, User
from foundation.clock import iso
from foundation.text.input import reject_nul
from reviews.models import BODY_LENGTH, REPLY_LENGTH, TITLE_LENGTH, Review

# The tilde cannot be part of a GitHub login, so no user has this name.
FORMER_MEMBER = f"{FORMER_NAME_PREFIX}member"

Words = Annotated[StrictStr, AfterValidator(reject_nul)]
# Any value passes to the rule, which has one refusal for all invalid ratings: invalid_rating.
Rating = Annotated[Any, WithJsonSchema({"type": "integer", "minimum": 1, "maximum": 5})]


# Ninja's own base class accepts a list or null as an object without attributes.
class ReviewIn(BaseModel):
    """A review of an agent. Blank texts are stored as null."""

    rating: Rating = None
    title: Words | None = Field(None, description=f"Up to {TITLE_LENGTH} characters")
    body: Words | None = Field(None, description=f"Up to {BODY_LENGTH} characters")


class ReviewChanges(ReviewIn):
    """Changes of a review: an absent key keeps a value, null clears a text."""


class ReplyIn(BaseModel):
    """The reply of the agent's owner."""

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
    if review.reply is None or review.replied_at is None:
        return None
    return {"body": review.reply, "createdAt": iso(review.replied_at)}


def reviewer_out(user: User) -> dict[str, Any]:
    """The author of a review.

    All former members share one name, because their own would reveal their scope and old login.
    """
    if user.is_former:
        return {"githubLogin": FORMER_MEMBER, "displayName": None, "avatarUrl": None}
    # Accounts created on the command line have no profile.
    profile = getattr(user, "profile", None)
    return {
        "githubLogin": profile.github_login if profile else user.username,
        "displayName": profile.display_name if profile else None,
        "avatarUrl": profile.avatar_url if profile else None,
    }
