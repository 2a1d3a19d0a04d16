"""Exported tables of reviews, and personal data in them."""

from collections.abc import Iterator
from uuid import UUID

from foundation.export import PersonalDataPart, Row, Table, rows_without
from reviews.models import Review

REVIEWS = Table(name="reviews", model=Review, order=["id"])


def _own_reviews(user_id: UUID) -> Iterator[Row]:
    """The person's reviews, with the owners' replies to them."""
    return rows_without(
        Review.objects.filter(reviewer_user_id=user_id).order_by("created_at", "id")
    )


def _own_replies(user_id: UUID) -> Iterator[Row]:
    """The person's replies as an owner, without the reviews of others."""
    replies = Review.objects.filter(agent__owner_user_id=user_id, reply__isnull=False)
    # Columns of the reviewer, which are not data of the owner.
    review_columns = ("reviewer_user_id", "rating", "title", "body", "created_at", "updated_at")
    return rows_without(replies.order_by("replied_at", "id"), *review_columns)


PERSONAL_DATA = (
    PersonalDataPart("reviews", _own_reviews),
    PersonalDataPart("review_replies", _own_replies),
)
