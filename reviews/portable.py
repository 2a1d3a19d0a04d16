"""What moves of the reviews."""

from foundation.portable import OwnPart, Table, rows_without
from reviews.models import Review

REVIEWS = Table(name="reviews", model=Review, order=["id"])

OWN = (
    OwnPart(
        "reviews",
        lambda user_id: rows_without(
            Review.objects.filter(reviewer_user_id=user_id).order_by("created_at", "id")
        ),
    ),
)
