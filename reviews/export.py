"""What moves of the reviews."""

from collections.abc import Iterator
from uuid import UUID

from foundation.export import PersonalDataPart, Row, Table, rows_without
from reviews.models import Review

REVIEWS = Table(name="reviews", model=Review, order=["id"])


def _own_reviews(user_id: UUID) -> Iterator[Row]:
    """With the owner's answer, which is about the person's own words."""
    return rows_without(
        Review.objects.filter(reviewer_user_id=user_id).order_by("created_at", "id")
    )


def _own_replies(user_id: UUID) -> Iterator[Row]:
    """What the person answers as an owner, without the words that they answer."""
    replies = Review.objects.filter(agent__owner_user_id=user_id, reply__isnull=False)
    others = ("reviewer_user_id", "rating", "title", "body", "created_at", "updated_at")
    return rows_without(replies.order_by("replied_at", "id"), *others)


PERSONAL_DATA = (
    PersonalDataPart("reviews", _own_reviews),
    PersonalDataPart("review_replies", _own_replies),
)
