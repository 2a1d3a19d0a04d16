"""Ratings of agents equal a recount, also after concurrent writes."""

from collections.abc import Callable

import pytest
from django.db.models import Avg, Count

from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.audit.models import AuditLog
from registry.models import Agent
from reviews.actions import delete_review, post_review, repair_ratings
from reviews.models import Review
from reviews.queries import RatingSummary, WrongRating, star_distribution, wrong_ratings
from tests.support.factories import make_agent, make_user
from tests.support.races import run_at_once


def test_recount_finds_and_repairs_wrong_ratings(
    ada: User, as_grace: Actor, as_root: Actor, django_assert_num_queries: Callable
):
    right, drifted_agent, emptied_agent = (
        make_agent(ada, name) for name in ("right", "drifted", "emptied")
    )
    post_review(right, rating=3, by=as_grace)
    post_review(drifted_agent, rating=5, by=as_grace)
    post_review(drifted_agent, rating=2, by=as_root)
    Agent.objects.filter(pk=drifted_agent.pk).update(avg_rating=1.0, review_count=7)
    Agent.objects.filter(pk=emptied_agent.pk).update(avg_rating=4.0, review_count=1)

    with django_assert_num_queries(1):
        differences = {wrong.full_id: wrong for wrong in wrong_ratings()}

    assert differences == {
        "@ada/drifted": WrongRating(
            drifted_agent.pk, "@ada/drifted", RatingSummary(1.0, 7), RatingSummary(3.5, 2)
        ),
        "@ada/emptied": WrongRating(
            emptied_agent.pk, "@ada/emptied", RatingSummary(4.0, 1), RatingSummary(None, 0)
        ),
    }
    assert repair_ratings() == 2
    assert list(wrong_ratings()) == []
    assert repair_ratings() == 0
    assert AuditLog.objects.filter(action="rating.repaired").count() == 2


def test_distribution_has_every_star(ada: User, as_grace: Actor, as_root: Actor):
    agent = make_agent(ada)
    assert star_distribution(agent.pk) == {5: 0, 4: 0, 3: 0, 2: 0, 1: 0}

    post_review(agent, rating=4, by=as_grace)
    post_review(agent, rating=4, by=as_root)
    post_review(agent, rating=1, by=Actor(user=make_user("linus")))

    assert list(star_distribution(agent.pk).items()) == [(5, 0), (4, 2), (3, 0), (2, 0), (1, 1)]


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_concurrent_reviews_of_one_user_are_stored_once():
    agent, grace = make_agent(make_user("ada")), make_user("grace")

    outcomes = run_at_once(
        [lambda: post_review(agent, rating=4, by=Actor(user=grace)) for _ in range(4)]
    )

    kinds = sorted(type(outcome).__name__ for outcome in outcomes)
    assert kinds == ["AlreadyReviewed", "AlreadyReviewed", "AlreadyReviewed", "Review"]
    agent.refresh_from_db()
    assert (Review.objects.count(), agent.avg_rating, agent.review_count) == (1, 4.0, 1)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_ratings_are_exact_after_concurrent_posts_and_deletes():
    agent = make_agent(make_user("ada"))
    people = [Actor(user=make_user(f"user-{n}")) for n in range(8)]
    early = [post_review(agent, rating=n + 1, by=by) for n, by in enumerate(people[:4])]

    deletes = [
        lambda review=review, by=by: delete_review(review, by=by)
        for review, by in zip(early, people[:4], strict=True)
    ]
    posts = [
        lambda by=by, n=n: post_review(agent, rating=n + 2, by=by)
        for n, by in enumerate(people[4:])
    ]
    outcomes = run_at_once([task for pair in zip(deletes, posts, strict=True) for task in pair])

    assert [outcome for outcome in outcomes if isinstance(outcome, Exception)] == []
    agent.refresh_from_db()
    rows = Review.objects.aggregate(average=Avg("rating"), count=Count("id"))
    assert rows == {"average": 3.5, "count": 4}
    assert (agent.avg_rating, agent.review_count) == (3.5, 4)
