"""Reviews by many people, and the rating that an agent shows."""

from datetime import timedelta
from typing import Any

from foundation.actor import Actor
from foundation.clock import now
from registry.models import Agent
from reviews.actions import post_review
from reviews.models import Review
from tests.support.factories import make_user


def rating_of(agent: Agent) -> tuple[float | None, int]:
    """The average and the number of reviews in the agent's row."""
    row = Agent.objects.get(pk=agent.pk)
    return row.avg_rating, row.review_count


def post_reviews(agent: Agent, count: int, **review: Any) -> list[Review]:
    """Reviews by `user-0`, `user-1` …, one a day; the last is from yesterday."""
    reviews = []
    for n in range(count):
        by = Actor(user=make_user(f"user-{n}"))
        pk = post_review(agent, **({"rating": n % 5 + 1} | review), by=by).pk
        moment = now() - timedelta(days=count - n)
        Review.objects.filter(pk=pk).update(created_at=moment, updated_at=moment)
        reviews.append(Review.objects.select_related("agent", "reviewer_user").get(pk=pk))
    return reviews
