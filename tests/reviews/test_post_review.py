import pytest

from foundation.accounts.models import User
from foundation.actor import ANONYMOUS, Actor
from foundation.audit.models import AuditLog
from foundation.clock import now
from foundation.refusals import InsufficientScope, Unauthenticated
from registry.errors import AgentDelisted
from registry.models import Agent
from reviews.actions import post_review
from reviews.errors import AlreadyReviewed, InvalidRating, InvalidReview, SelfReview
from reviews.models import Review
from tests.support.factories import make_user
from tests.support.reviews import rating_of


@pytest.mark.once
def test_review_is_stored_and_updates_the_agents_rating(
    coach: Agent, grace: User, as_grace: Actor, as_root: Actor
):
    before = Agent.objects.get(pk=coach.pk).updated_at

    review = post_review(coach, rating=5, title=" Great ", body="Works.\r\nReally. ", by=as_grace)
    post_review(coach, rating=4, by=as_root)

    stored_row = Review.objects.get(pk=review.pk)
    assert (stored_row.agent_id, stored_row.reviewer_user_id, stored_row.rating) == (
        coach.pk,
        grace.pk,
        5,
    )
    assert (stored_row.title, stored_row.body) == ("Great", "Works.\nReally.")
    assert stored_row.created_at == stored_row.updated_at
    assert rating_of(coach) == (4.5, 2)
    assert Agent.objects.get(pk=coach.pk).updated_at == before


def test_average_is_the_exact_mean(coach: Agent, as_grace: Actor, as_root: Actor):
    post_review(coach, rating=5, by=as_grace)
    post_review(coach, rating=4, by=as_root)
    post_review(coach, rating=4, by=Actor(user=make_user("linus")))

    assert rating_of(coach) == (13 / 3, 3)


@pytest.mark.once
def test_blank_texts_are_stored_as_null(coach: Agent, as_grace: Actor):
    review = post_review(coach, rating=3, title="  ", body="", by=as_grace)

    assert (review.title, review.body) == (None, None)


@pytest.mark.once
def test_audit_row_names_reviewer_and_agent(coach: Agent, grace: User, as_grace: Actor):
    review = post_review(coach, rating=2, by=as_grace)

    event = AuditLog.objects.get(action="review.posted")
    assert (event.entity_type, event.entity_id) == ("review", "@ada/coach by grace")
    assert (event.user_id, event.details) == (grace.pk, {"id": str(review.pk), "rating": 2})


@pytest.mark.once
def test_anonymous_visitor_may_not_review(coach: Agent):
    with pytest.raises(Unauthenticated):
        post_review(coach, rating=5, by=ANONYMOUS)

    assert Review.objects.count() == 0


@pytest.mark.once
@pytest.mark.parametrize(
    "key",
    [{"scopes": frozenset({"read"})}, {"scopes": None, "bound_to": "@ada/other"}],
    ids=["lacks the scope", "bound to another agent"],
)
def test_key_without_the_scope_or_for_another_agent_is_refused(
    coach: Agent, grace: User, key: dict
):
    with pytest.raises(InsufficientScope):
        post_review(coach, rating=5, by=Actor(user=grace, **key))

    assert Review.objects.count() == 0


@pytest.mark.once
def test_owner_may_not_review_their_own_agent(coach: Agent, as_ada: Actor):
    with pytest.raises(SelfReview):
        post_review(coach, rating=5, by=as_ada)

    assert (Review.objects.count(), rating_of(coach)) == (0, (None, 0))


@pytest.mark.once
@pytest.mark.parametrize("rating", [0, 6, -1, 10**30, 4.0, 4.5, "5", True, None, [], float("nan")])
def test_rating_is_a_whole_number_from_1_to_5(coach: Agent, as_grace: Actor, rating: object):
    with pytest.raises(InvalidRating):
        post_review(coach, rating=rating, by=as_grace)

    assert (Review.objects.count(), rating_of(coach)) == (0, (None, 0))


@pytest.mark.once
def test_refusal_names_every_text_that_is_too_long(coach: Agent, as_grace: Actor):
    with pytest.raises(InvalidReview) as refusal:
        post_review(coach, rating=5, title="t" * 121, body="b" * 2001, by=as_grace)

    assert refusal.value.details == {
        "errors": [
            {"path": "title", "message": "Up to 120 characters."},
            {"path": "body", "message": "Up to 2000 characters."},
        ]
    }
    assert Review.objects.count() == 0


def test_texts_may_have_the_maximum_length(coach: Agent, as_grace: Actor):
    review = post_review(coach, rating=5, title="🦞" * 120, body="b" * 2000, by=as_grace)

    assert (len(review.title), len(review.body)) == (120, 2000)


def test_second_review_is_refused_and_changes_nothing(coach: Agent, as_grace: Actor):
    post_review(coach, rating=5, by=as_grace)

    with pytest.raises(AlreadyReviewed):
        post_review(coach, rating=1, by=as_grace)

    assert rating_of(coach) == (5.0, 1)


def test_constraint_refuses_a_concurrent_second_review(
    coach: Agent, as_grace: Actor, monkeypatch: pytest.MonkeyPatch
):
    post_review(coach, rating=5, by=as_grace)
    monkeypatch.setattr("reviews.actions.own_review", lambda agent_id, user_id: None)

    with pytest.raises(AlreadyReviewed):
        post_review(coach, rating=1, by=as_grace)

    assert rating_of(coach) == (5.0, 1)


@pytest.mark.once
def test_delisted_agent_may_not_be_reviewed(coach: Agent, as_grace: Actor, as_root: Actor):
    Agent.objects.filter(pk=coach.pk).update(delisted_at=now(), delisted_reason="malicious")

    for by in (as_grace, as_root):
        with pytest.raises(AgentDelisted) as refusal:
            post_review(coach, rating=5, by=by)
        assert refusal.value.details == {"reason": "malicious"}
    assert Review.objects.count() == 0
