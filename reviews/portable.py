"""What moves of the reviews."""

from foundation.portable import Table
from reviews.models import Review

REVIEWS = Table(name="reviews", model=Review, order=["id"])
