"""Queries about reviews and ratings."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from uuid import UUID

from django.db.models import Count, Q, Sum
from django.db.models.functions import TruncMonth

from foundation.clock import today
from foundation.paging import Ordering, Sort
from foundation.text.input import read_uuid
from registry.models import Agent
from reviews.errors import ReviewNotFound
from reviews.models import Review, ReviewQuerySet

# The id makes the order total, so that a cursor loses no row.
NEWEST_FIRST: Ordering = (Sort("created_at", descending=True), Sort("id"))


@dataclass(frozen=True, slots=True)
class RatingSummary:
    """Average and number of ratings; ``average`` is None without ratings."""

    average: float | None
    count: int


@dataclass(frozen=True, slots=True)
class WrongRating:
    """An agent whose cached rating differs from its reviews."""

    agent_id: UUID
    full_id: str
    cached_rating: RatingSummary
    actual: RatingSummary


def reviews_of(agent_id: UUID) -> ReviewQuerySet:
    """Reviews of an agent with their reviewers, newest first, in one query."""
    reviews: ReviewQuerySet = Review.objects.about(agent_id).with_reviewer()
    return reviews.order_by(*[sort.order_by() for sort in NEWEST_FIRST])


def reviews_by(user_id: UUID) -> ReviewQuerySet:
    """A user's reviews of agents that are not delisted, newest first."""
    reviews: ReviewQuerySet = Review.objects.filter(reviewer_user_id=user_id).of_shown_agents()
    return reviews.select_related("agent").order_by(*[sort.order_by() for sort in NEWEST_FIRST])


def place_of(review: Review) -> int:
    """The position of a review among those of its agent, newest first, from 0."""
    newer = Q(created_at__gt=review.created_at)
    newer |= Q(created_at=review.created_at, pk__lt=review.pk)
    return int(Review.objects.about(review.agent_id).filter(newer).count())


def find_review(agent: Agent, review_id: str | UUID) -> Review:
    """A review of an agent by its id. Raises ReviewNotFound."""
    review: Review | None = (
        Review.objects.about(agent.pk).with_reviewer().filter(pk=read_uuid(review_id)).first()
    )
    if review is None:
        raise ReviewNotFound
    review.agent = agent
    return review


def own_review(agent_id: UUID, user_id: UUID | None) -> Review | None:
    """The user's review of an agent, or None."""
    review: Review | None = Review.objects.about(agent_id).filter(reviewer_user_id=user_id).first()
    return review


def star_distribution(agent_id: UUID) -> dict[int, int]:
    """Number of reviews by stars, from 5 to 1; every number of stars has an entry."""
    rows = Review.objects.about(agent_id).values_list("rating").annotate(Count("id")).order_by()
    counts = dict(rows)
    return {stars: counts.get(stars, 0) for stars in (5, 4, 3, 2, 1)}


@dataclass(frozen=True, slots=True)
class StarCount:
    """Number of reviews with so many stars, and their share in whole percent."""

    stars: int
    count: int
    percent: int


@dataclass(frozen=True, slots=True)
class Ratings:
    """Average, number and distribution of an agent's ratings."""

    average: float | None
    count: int
    star_counts: list[StarCount]


def ratings_of(agent_id: UUID) -> Ratings:
    """Average, count and distribution in one query."""
    distribution = star_distribution(agent_id)
    count = sum(distribution.values())
    star_counts = [
        StarCount(stars, n, round(100 * n / count) if count else 0)
        for stars, n in distribution.items()
    ]
    total = sum(stars * n for stars, n in distribution.items())
    # From the counts, because the page shows all three and they must agree.
    return Ratings(total / count if count else None, count, star_counts)


@dataclass(frozen=True, slots=True)
class MonthOfRatings:
    """Ratings of the reviews that were first written in a month (UTC).

    ``first`` is its first day. ``so_far`` covers all reviews up to its end.
    """

    first: date
    in_month: RatingSummary
    so_far: RatingSummary


def ratings_by_month(agent_id: UUID) -> list[MonthOfRatings]:
    """Ratings by month since the first review, newest first, in one query.

    Months without reviews are included. The list is empty without reviews.
    """
    month = TruncMonth("created_at", tzinfo=UTC)
    rows = Review.objects.about(agent_id).order_by().annotate(month=month).values_list("month")
    sums = rows.annotate(total=Sum("rating"), count=Count("id"))
    # One grouped query, because an old agent has a hundred months.
    months_with_reviews = {start.date(): (total, count) for start, total, count in sums}
    months, total, count = [], 0, 0
    for first in _months(min(months_with_reviews, default=None), today()):
        month_total, month_count = months_with_reviews.get(first, (0, 0))
        total, count = total + month_total, count + month_count
        in_month = _summary(month_total if month_count else None, month_count)
        months.append(MonthOfRatings(first, in_month, _summary(total, count)))
    return months[::-1]


def _months(first: date | None, last: date) -> Iterator[date]:
    """The first day of each month from ``first`` to ``last``."""
    while first and first <= last:
        yield first
        first = (first + timedelta(days=31)).replace(day=1)


def rating_summary(agent_id: UUID) -> RatingSummary:
    """Average and number of an agent's ratings, from its reviews."""
    sums = Review.objects.about(agent_id).aggregate(total=Sum("rating"), count=Count("id"))
    return _summary(sums["total"], sums["count"])


def _summary(total: int | None, count: int) -> RatingSummary:
    # AVG() rounds differently on SQLite and PostgreSQL, and a recount must be equal.
    return RatingSummary(None if total is None else total / count, count)


def wrong_ratings() -> Iterator[WrongRating]:
    """Agents whose cached rating differs from a recount, in one streamed query."""
    cached_ratings = Agent.objects.values_list("id", "scope", "name", "avg_rating", "review_count")
    rows = cached_ratings.annotate(total=Sum("reviews__rating"), count=Count("reviews")).order_by(
        "id"
    )
    for agent_id, scope, name, average, cached_count, total, count in rows.iterator():
        before, after = RatingSummary(average, cached_count), _summary(total, count)
        if before != after:
            yield WrongRating(agent_id, f"@{scope}/{name}", before, after)
