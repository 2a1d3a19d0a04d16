"""Questions about reviews."""

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

NEWEST_FIRST: Ordering = (Sort("created_at", descending=True), Sort("id"))


@dataclass(frozen=True, slots=True)
class Tally:
    """What the rows say of one agent; ``average`` is None without any."""

    average: float | None
    count: int


@dataclass(frozen=True, slots=True)
class WrongRating:
    """An agent whose cached numbers differ from its rows."""

    agent_id: UUID
    full_id: str
    cached: Tally
    counted: Tally


def reviews_of(agent_id: UUID) -> ReviewQuerySet:
    """The agent's reviews, newest first, each with its reviewer's profile, in one query."""
    reviews: ReviewQuerySet = Review.objects.about(agent_id).with_reviewer()
    return reviews.order_by(*[sort.order_by() for sort in NEWEST_FIRST])


def reviews_by(user_id: UUID) -> ReviewQuerySet:
    """What the user has written of agents in the shop, newest first, each with its agent."""
    reviews: ReviewQuerySet = Review.objects.filter(reviewer_user_id=user_id).of_shown_agents()
    return reviews.select_related("agent").order_by(*[sort.order_by() for sort in NEWEST_FIRST])


def place_of(review: Review) -> int:
    """How many of the agent's reviews stand before this one, newest first."""
    newer = Q(created_at__gt=review.created_at)
    newer |= Q(created_at=review.created_at, pk__lt=review.pk)
    return int(Review.objects.about(review.agent_id).filter(newer).count())


def find_review(agent: Agent, review_id: str | UUID) -> Review:
    """One review, addressed inside its agent; refuses another agent's and what is no id."""
    review: Review | None = (
        Review.objects.about(agent.pk).with_reviewer().filter(pk=read_uuid(review_id)).first()
    )
    if review is None:
        raise ReviewNotFound
    review.agent = agent
    return review


def own_review(agent_id: UUID, user_id: UUID | None) -> Review | None:
    """What the user has already said of the agent, if anything."""
    found: Review | None = Review.objects.about(agent_id).filter(reviewer_user_id=user_id).first()
    return found


def star_distribution(agent_id: UUID) -> dict[int, int]:
    """How many reviews gave how many stars, five first; every star has an entry."""
    rows = Review.objects.about(agent_id).values_list("rating").annotate(Count("id")).order_by()
    counted = dict(rows)
    return {stars: counted.get(stars, 0) for stars in (5, 4, 3, 2, 1)}


@dataclass(frozen=True, slots=True)
class Stars:
    """How many reviews gave so many stars, and their share of all in whole percent."""

    stars: int
    count: int
    percent: int


@dataclass(frozen=True, slots=True)
class Ratings:
    """What the reviews of an agent come to, counted from the rows."""

    average: float | None
    count: int
    spread: list[Stars]


def ratings_of(agent_id: UUID) -> Ratings:
    """Average, count and distribution in one query."""
    given = star_distribution(agent_id)
    count = sum(given.values())
    spread = [Stars(stars, n, round(100 * n / count) if count else 0) for stars, n in given.items()]
    total = sum(stars * n for stars, n in given.items())
    return Ratings(total / count if count else None, count, spread)


@dataclass(frozen=True, slots=True)
class MonthOfRatings:
    """The reviews first written in a month (UTC), as they stand now; ``first`` is its first day.
    ``so_far`` is what all of them came to at its end."""

    first: date
    given: Tally
    so_far: Tally


def ratings_by_month(agent_id: UUID) -> list[MonthOfRatings]:
    """From the first review on up to this month, the newest first, months without any included;
    nothing where there is none. One query."""
    month = TruncMonth("created_at", tzinfo=UTC)
    rows = Review.objects.about(agent_id).order_by().annotate(month=month).values_list("month")
    sums = rows.annotate(total=Sum("rating"), count=Count("id"))
    given = {start.date(): (total, count) for start, total, count in sums}
    months, total, count = [], 0, 0
    for first in _months(min(given, default=None), today()):
        total_here, count_here = given.get(first, (0, 0))
        total, count = total + total_here, count + count_here
        given_here = _tally(total_here if count_here else None, count_here)
        months.append(MonthOfRatings(first, given_here, _tally(total, count)))
    return months[::-1]


def _months(first: date | None, last: date) -> Iterator[date]:
    """The first day of each month from ``first`` on, that of ``last`` included."""
    while first and first <= last:
        yield first
        first = (first + timedelta(days=31)).replace(day=1)


def tally_of(agent_id: UUID) -> Tally:
    """Average and count from the rows."""
    sums = Review.objects.about(agent_id).aggregate(total=Sum("rating"), count=Count("id"))
    return _tally(sums["total"], sums["count"])


def _tally(total: int | None, count: int) -> Tally:
    # Divided here and not by AVG(): the engines round differently, and a recount must be equal.
    return Tally(None if total is None else total / count, count)


def wrong_ratings() -> Iterator[WrongRating]:
    """Agents whose cached average or count differs from a recount, in one streamed query."""
    cached = Agent.objects.values_list("id", "scope", "name", "avg_rating", "review_count")
    counted = cached.annotate(total=Sum("reviews__rating"), count=Count("reviews")).order_by("id")
    for agent_id, scope, name, average, stored, total, count in counted.iterator():
        before, after = Tally(average, stored), _tally(total, count)
        if before != after:
            yield WrongRating(agent_id, f"@{scope}/{name}", before, after)
