import uuid
from typing import Any

import pytest

from foundation.accounts.models import User
from foundation.actor import ANONYMOUS, Actor
from foundation.audit.models import AuditLog
from foundation.clock import iso, now
from foundation.refusals import Refusal
from moderation.actions import report_agent
from moderation.errors import DetailsTooLong, MissingFields, UnknownReason
from moderation.models import Report
from registry.errors import AgentNotFound, VersionNotFound
from registry.models import Agent
from reviews.actions import edit_review, reply_to_review
from reviews.errors import ReviewNotFound
from reviews.models import Review
from tests.support.factories import make_agent

STRANGER = Actor(door="api", address_hash="a" * 64)


def report(coach: Agent, *, by: Actor = STRANGER, **claim: Any) -> Report:
    return report_agent(coach.pk, **({"reason": "spam", "details": "Look."} | claim), by=by)


@pytest.mark.once
def test_report_needs_no_account(coach: Agent):
    new_report = report(coach, reason="malicious", details=" It sends mail.\r\nA lot. ")

    stored_row = Report.objects.get(pk=new_report.pk)
    assert (stored_row.agent_id, stored_row.version_id, stored_row.review_id) == (
        coach.pk,
        None,
        None,
    )
    assert (stored_row.reason, stored_row.details) == ("malicious", "It sends mail.\nA lot.")
    assert (stored_row.status, stored_row.reporter_user_id) == ("open", None)
    assert stored_row.reporter_ip_hash == "a" * 64
    assert (stored_row.resolved_at, stored_row.review_snapshot) == (None, None)
    event = AuditLog.objects.get(action="report.filed")
    assert (event.entity_type, event.entity_id) == ("report", str(new_report.pk))
    assert (event.user_id, event.details) == (
        None,
        {"agent": "@ada/coach", "reason": "malicious"},
    )


@pytest.mark.once
def test_report_of_a_signed_in_user_stores_the_reporter(coach: Agent, grace: User, as_grace: Actor):
    assert report(coach, by=as_grace).reporter_user_id == grace.pk


@pytest.mark.once
def test_report_may_name_a_version(coach: Agent):
    version = coach.versions.get()

    assert report(coach, version_id=str(version.pk)).version_id == version.pk


def test_report_stores_the_review_as_it_was(coach: Agent, review: Review, as_grace: Actor):
    new_report = report(coach, review_id=str(review.pk))
    edit_review(review, {"title": None, "body": "Very good."}, by=as_grace)

    new_report.refresh_from_db()
    assert new_report.review_id == review.pk
    assert new_report.review_snapshot == {
        "reviewer": "grace",
        "reviewerUserId": str(review.reviewer_user_id),
        "rating": 4,
        "title": "Good",
        "body": "It works.",
        "updatedAt": iso(review.updated_at),
        "reply": None,
        "repliedAt": None,
    }


def test_report_stores_the_owners_reply_as_it_was(coach: Agent, review: Review, as_ada: Actor):
    review_with_reply = reply_to_review(review, body="Go <away>.", by=as_ada)
    new_report = report(coach, review_id=str(review.pk))
    reply_to_review(review, body="Thank you.", by=as_ada)

    snapshot = Report.objects.get(pk=new_report.pk).review_snapshot
    assert (snapshot["reply"], snapshot["repliedAt"]) == (
        "Go <away>.",
        iso(review_with_reply.replied_at),
    )
    later_snapshot = report(coach, review_id=str(review.pk), details="Again.").review_snapshot
    review.refresh_from_db()
    assert (later_snapshot["reply"], later_snapshot["repliedAt"]) == (
        "Thank you.",
        iso(review.reply_edited_at),
    )


def test_delisted_agent_can_be_reported(coach: Agent):
    Agent.objects.filter(pk=coach.pk).update(delisted_at=now())

    assert report(coach).agent_id == coach.pk


@pytest.mark.once
def test_refusal_names_all_missing_fields(coach: Agent):
    with pytest.raises(MissingFields) as refusal:
        report_agent(None, reason="", details="  \n", by=ANONYMOUS)

    assert refusal.value.details == {"fields": ["agentId", "reason", "details"]}
    assert Report.objects.count() == 0


@pytest.mark.once
@pytest.mark.parametrize(
    ("claim", "refusal"),
    [
        ({"reason": "rude"}, UnknownReason),
        ({"reason": "Spam"}, UnknownReason),
        ({"details": "d" * 2001}, DetailsTooLong),
        ({"version_id": "garbage"}, VersionNotFound),
        ({"version_id": str(uuid.UUID(int=7))}, VersionNotFound),
        ({"review_id": "garbage"}, ReviewNotFound),
        ({"review_id": str(uuid.UUID(int=7))}, ReviewNotFound),
    ],
)
def test_invalid_report_is_refused_with_its_class(
    coach: Agent, claim: dict, refusal: type[Refusal]
):
    with pytest.raises(refusal):
        report(coach, **claim)

    assert (Report.objects.count(), AuditLog.objects.filter(action="report.filed").count()) == (
        0,
        0,
    )


@pytest.mark.once
@pytest.mark.parametrize(
    "agent_id", ["garbage", str(uuid.UUID(int=7)), str(uuid.UUID(int=0)), "@a/b"]
)
def test_report_about_an_unknown_agent_is_refused(db: None, agent_id: str):
    with pytest.raises(AgentNotFound):
        report_agent(agent_id, reason="spam", details="Look.", by=ANONYMOUS)

    assert Report.objects.count() == 0


def test_details_may_have_the_maximum_length(coach: Agent):
    assert len(report(coach, details="🦞" * 2000).details) == 2000


@pytest.mark.once
def test_version_or_review_of_another_agent_is_not_found(coach: Agent, review: Review, ada: User):
    other = make_agent(ada, "other")
    version = coach.versions.get()

    with pytest.raises(VersionNotFound):
        report(other, version_id=version.pk)
    with pytest.raises(ReviewNotFound):
        report(other, review_id=review.pk)

    assert Report.objects.count() == 0
