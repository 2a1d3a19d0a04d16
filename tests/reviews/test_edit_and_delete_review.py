import pytest

from foundation.accounts.models import User
from foundation.actor import ANONYMOUS, Actor
from foundation.audit.models import AuditLog
from foundation.clock import now
from foundation.refusals import InsufficientScope, Unauthenticated
from moderation.actions import report_agent
from moderation.models import Report
from registry.errors import AgentDelisted
from registry.models import Agent
from reviews.actions import delete_review, edit_review, post_review
from reviews.errors import (
    InvalidRating,
    InvalidReview,
    NotYourReview,
    ReviewNotFound,
    SelfReview,
)
from reviews.models import Review
from tests.support.reviews import rating_of
from wordclaw.policy.actions import find_domain
from wordclaw.policy.members import accept_invitation, invite_member


def stored(review: Review) -> tuple[int, str | None, str | None]:
    fresh = Review.objects.get(pk=review.pk)
    return fresh.rating, fresh.title, fresh.body


@pytest.mark.once
def test_edit_keeps_absent_fields_and_clears_none(coach: Agent, review: Review, as_grace: Actor):
    edit_review(review, {"rating": 1}, by=as_grace)
    assert stored(review) == (1, "Good", "It works.")
    assert rating_of(coach) == (1.0, 1)

    edit_review(review, {"title": None, "body": "Not any more."}, by=as_grace)
    assert stored(review) == (1, None, "Not any more.")


@pytest.mark.once
def test_edit_changes_only_updated_at(review: Review, as_grace: Actor):
    long_ago = now().replace(year=2020)
    Review.objects.filter(pk=review.pk).update(created_at=long_ago, updated_at=long_ago)

    edit_review(review, {"rating": 5}, by=as_grace)

    fresh = Review.objects.get(pk=review.pk)
    assert fresh.created_at == long_ago
    assert fresh.updated_at > long_ago
    event = AuditLog.objects.get(action="review.edited")
    assert (event.entity_id, event.details["fields"]) == ("@ada/coach by grace", ["rating"])


@pytest.mark.once
def test_author_who_became_a_co_maintainer_deletes_and_does_not_edit(
    coach: Agent, review: Review, grace: User, as_ada: Actor, as_grace: Actor
):
    domain = find_domain("ada", as_ada)
    invite_member(domain, login="grace", role="editor", by=as_ada)
    edit_review(review, {"rating": 2}, by=as_grace)
    accept_invitation(domain, by=as_grace)

    with pytest.raises(SelfReview):
        edit_review(review, {"rating": 5}, by=as_grace)
    assert rating_of(coach) == (2.0, 1)

    delete_review(review, by=as_grace)
    assert not Review.objects.exists()


@pytest.mark.once
def test_only_the_author_may_edit(review: Review, as_ada: Actor, as_root: Actor):
    for by in (as_ada, as_root):
        with pytest.raises(NotYourReview):
            edit_review(review, {"rating": 1}, by=by)
    with pytest.raises(Unauthenticated):
        edit_review(review, {"rating": 1}, by=ANONYMOUS)

    assert stored(review) == (4, "Good", "It works.")


@pytest.mark.once
@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"rating": 6}, InvalidRating),
        ({"rating": None}, InvalidRating),
        ({"title": "t" * 121}, InvalidReview),
        ({"rating": 1, "body": "b" * 2001}, InvalidReview),
    ],
)
def test_invalid_edit_is_refused_and_changes_nothing(
    coach: Agent, review: Review, as_grace: Actor, changes: dict, refusal: type[Exception]
):
    with pytest.raises(refusal):
        edit_review(review, changes, by=as_grace)

    assert (stored(review), rating_of(coach)) == ((4, "Good", "It works."), (4.0, 1))


def test_review_of_a_delisted_agent_may_be_deleted_and_not_edited(
    coach: Agent, review: Review, as_grace: Actor
):
    Agent.objects.filter(pk=coach.pk).update(delisted_at=now(), delisted_reason="spam")

    with pytest.raises(AgentDelisted):
        edit_review(review, {"rating": 1}, by=as_grace)
    delete_review(review, by=as_grace)

    assert Review.objects.count() == 0


@pytest.mark.once
def test_deleted_review_no_longer_counts_in_the_rating(
    coach: Agent, review: Review, as_grace: Actor, as_root: Actor
):
    post_review(coach, rating=1, by=as_root)
    delete_review(review, by=as_grace)
    assert rating_of(coach) == (1.0, 1)

    event = AuditLog.objects.get(action="review.deleted")
    assert event.entity_id == "@ada/coach by grace"
    assert event.details == {"id": str(review.pk), "moderated": False}


@pytest.mark.once
def test_agent_without_reviews_has_no_average(coach: Agent, review: Review, as_grace: Actor):
    delete_review(review, by=as_grace)

    assert rating_of(coach) == (None, 0)


def test_maintainer_deletes_reviews_of_others(coach: Agent, review: Review, root: User):
    moderating = Actor(user=root, scopes=frozenset({"reports:moderate"}))

    delete_review(review, by=moderating)

    assert (Review.objects.count(), rating_of(coach)) == (0, (None, 0))
    assert AuditLog.objects.get(action="review.deleted").details["moderated"] is True


@pytest.mark.once
def test_key_of_a_maintainer_needs_the_moderation_scope(review: Review, root: User):
    with pytest.raises(InsufficientScope):
        delete_review(review, by=Actor(user=root, scopes=frozenset({"reviews:write"})))

    assert Review.objects.count() == 1


@pytest.mark.once
def test_other_users_may_not_delete(review: Review, ada: User, grace: User):
    with pytest.raises(Unauthenticated):
        delete_review(review, by=ANONYMOUS)
    with pytest.raises(NotYourReview):
        delete_review(review, by=Actor(user=ada))
    with pytest.raises(NotYourReview):
        delete_review(review, by=Actor(user=ada, scopes=frozenset({"reviews:write"})))
    with pytest.raises(InsufficientScope):
        delete_review(review, by=Actor(user=grace, scopes=frozenset({"read"})))

    assert Review.objects.count() == 1


@pytest.mark.once
def test_deleted_review_is_not_found(review: Review, as_grace: Actor):
    row_again = Review.objects.get(pk=review.pk)
    delete_review(review, by=as_grace)

    with pytest.raises(ReviewNotFound):
        delete_review(row_again, by=as_grace)
    with pytest.raises(ReviewNotFound):
        edit_review(row_again, {"rating": 1}, by=as_grace)


@pytest.mark.once
def test_report_stays_after_its_review_is_deleted(coach: Agent, review: Review, as_grace: Actor):
    report = report_agent(
        coach.pk, review_id=review.pk, reason="spam", details="An advertisement.", by=ANONYMOUS
    )

    delete_review(review, by=as_grace)

    stored_row = Report.objects.get(pk=report.pk)
    assert (stored_row.review_id, stored_row.review_snapshot["body"]) == (None, "It works.")
