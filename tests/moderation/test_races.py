import pytest

from foundation.actor import ANONYMOUS, Actor
from moderation.actions import report_agent
from moderation.models import Report
from reviews.actions import delete_review, post_review
from reviews.models import Review
from tests.support.factories import make_agent, make_user
from tests.support.races import run_at_once


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_review_may_be_reported_while_its_author_deletes_it():
    agent = make_agent(make_user("ada"))
    authors = [Actor(user=make_user(f"user-{n}")) for n in range(4)]
    reviews = [post_review(agent, rating=1, by=by) for by in authors]

    def report(review: Review) -> Report:
        return report_agent(
            agent.pk, review_id=review.pk, reason="spam", details="Look.", by=ANONYMOUS
        )

    deletes = [
        lambda review=review, by=by: delete_review(review, by=by)
        for review, by in zip(reviews, authors, strict=True)
    ]
    reports = [lambda review=review: report(review) for review in reviews]
    outcomes = run_at_once([task for pair in zip(reports, deletes, strict=True) for task in pair])

    assert Review.objects.count() == 0
    assert outcomes[1::2] == [None] * 4
    filed_reports = [outcome for outcome in outcomes[::2] if isinstance(outcome, Report)]
    late = [type(o).__name__ for o in outcomes[::2] if not isinstance(o, Report)]
    assert late == ["ReviewNotFound"] * (4 - len(filed_reports))
    assert Report.objects.filter(review=None).exclude(review_snapshot=None).count() == len(
        filed_reports
    )
