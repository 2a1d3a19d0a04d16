"""Emails of moderation: recipients and content."""

import re
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.db.models import F

from foundation.accounts.models import User
from foundation.actor import ANONYMOUS, Actor
from foundation.jobs.actions import JobCounts, run_due_jobs
from foundation.jobs.models import Job
from moderation.actions import (
    decide_appeal,
    lift_suspension,
    post_appeal,
    report_agent,
    resolve_report,
    suspend_account,
)
from moderation.models import Appeal
from moderation.queries import decisions_about
from registry.agents.actions import (
    delist_agent,
    lift_withholding,
    relist_agent,
    unyank_version,
    withhold_version,
    yank_version,
)
from registry.models import Agent
from reviews.actions import delete_review, post_review
from tests.support.factories import make_user


def deliver_mails() -> list[EmailMessage]:
    """Run all jobs; return the emails that they sent."""
    mail.outbox.clear()
    assert run_due_jobs().retry_count == 0
    return mail.outbox


def summaries(mails: list[EmailMessage]) -> list[tuple[str, str]]:
    return [(m.to[0].split("@")[0], m.subject.removeprefix("[Clawstore] ")) for m in mails]


@pytest.mark.once
def test_owner_is_notified_of_a_review_and_not_of_its_edits(
    coach: Agent, grace: User, as_grace: Actor
):
    review = post_review(coach, rating=4, title="<Good> & so on", body="Line\nline", by=as_grace)

    (mail,) = deliver_mails()

    assert summaries([mail]) == [("ada", "New review of @ada/coach")]
    assert "@grace rated @ada/coach 4 stars out of 5." in mail.body
    assert "<Good> & so on" in mail.body
    assert f"/agents/@ada/coach/reviews/{review.pk}\n" in mail.body
    assert "/account/notices?for=" in mail.body
    assert deliver_mails() == []


@pytest.mark.once
def test_deleted_review_sends_no_email(coach: Agent, as_grace: Actor):
    delete_review(post_review(coach, rating=1, by=as_grace), by=as_grace)

    assert deliver_mails() == []
    assert set(Job.objects.values_list("status", flat=True)) == {"succeeded"}


def test_owners_get_the_reason_of_a_maintainers_decision(coach: Agent, as_root: Actor):
    yank_version(coach, "1.0.0", reason="It lies.", by=as_root)
    unyank_version(coach, "1.0.0", reason="It does not.", by=as_root)
    withhold_version(coach, "1.0.0", reason="malware", text="It phones home.", by=as_root)
    lift_withholding(coach, "1.0.0", reason="False alarm.", by=as_root)
    delist_agent(coach, reason="Spam.", by=as_root)
    relist_agent(coach, reason="No spam.", by=as_root)

    mails = deliver_mails()

    assert summaries(mails) == [
        ("ada", "@ada/coach@1.0.0 was yanked"),
        ("ada", "@ada/coach@1.0.0 is no longer yanked"),
        ("ada", "@ada/coach@1.0.0 was withheld"),
        ("ada", "@ada/coach@1.0.0 is no longer withheld"),
        ("ada", "@ada/coach was delisted"),
        ("ada", "@ada/coach is listed again"),
    ]
    reasons = ["It lies.", "It does not.", "It phones home.", "False alarm.", "Spam.", "No spam."]
    assert [reason in m.body for reason, m in zip(reasons, mails, strict=True)] == [True] * 6
    assert ["/appeals/new?decision=" in m.body for m in mails] == [True, False] * 3
    assert not any("root" in m.body for m in mails)
    pages = [re.search(r"Page: \S+?:8000(\S+)", m.body) for m in mails]
    assert [page and page[1] for page in pages] == [
        *["/agents/@ada/coach/versions/1.0.0"] * 4,
        *["/agents/@ada/coach"] * 2,
    ]


@pytest.mark.once
def test_own_action_sends_no_email(coach: Agent, as_ada: Actor):
    yank_version(coach, "1.0.0", reason="Mine.", by=as_ada)

    assert deliver_mails() == []


@pytest.mark.once
@pytest.mark.parametrize(("status", "word"), [("resolved", "agreed"), ("dismissed", "dismissed")])
def test_reporter_and_owner_get_the_outcome_of_a_report(
    coach: Agent, as_grace: Actor, as_root: Actor, status: str, word: str
):
    report = report_agent(
        coach.pk, reason="spam", details="Grace says: see for yourself.", by=as_grace
    )
    resolve_report(report.pk, status=status, notes="Grace is a nuisance.", by=as_root)

    to_owner, to_reporter = deliver_mails()

    assert summaries([to_owner, to_reporter]) == [
        ("ada", "Decision on a report about @ada/coach"),
        ("grace", "Decision on your report about @ada/coach"),
    ]
    assert [word in m.body for m in (to_owner, to_reporter)] == [True, True]
    # Neither the reporter, nor the text of the report, nor the notes.
    assert not re.search("grace|yourself", to_owner.body.lower())
    assert "Grace says: see for yourself." in to_reporter.body
    assert "nuisance" not in to_reporter.body


@pytest.mark.once
def test_only_the_owner_gets_the_outcome_of_an_anonymous_report(coach: Agent, as_root: Actor):
    report = report_agent(coach.pk, reason="spam", details="Look.", by=ANONYMOUS)
    resolve_report(report.pk, status="dismissed", by=as_root)

    assert summaries(deliver_mails()) == [("ada", "Decision on a report about @ada/coach")]


def test_only_the_reporter_gets_the_outcome_of_a_report_about_a_review(
    coach: Agent, as_grace: Actor, as_root: Actor
):
    review = post_review(coach, rating=1, by=as_grace)
    by_hedy = Actor(user=make_user("hedy"))
    report = report_agent(coach.pk, review_id=review.pk, reason="spam", details="Rude.", by=by_hedy)
    deliver_mails()
    resolve_report(report.pk, status="resolved", by=as_root)

    assert summaries(deliver_mails()) == [("hedy", "Decision on your report about @ada/coach")]


def test_suspended_user_gets_a_link_that_needs_no_sign_in(ada: User, as_root: Actor, client: Any):
    suspend_account(ada, reason="Spam.", by=as_root)
    (mail,) = deliver_mails()

    assert summaries([mail]) == [("ada", "The account @ada was suspended")]
    link = re.search(r"http://127\.0\.0\.1:8000(/appeals/new\S+)", mail.body)
    assert link
    assert "Spam." in client.get(link[1]).text

    lift_suspension(ada, reason="Sorry.", by=as_root)
    (lifted_suspension,) = deliver_mails()
    assert summaries([lifted_suspension]) == [("ada", "The account @ada is no longer suspended")]
    assert "Sorry." in lifted_suspension.body


@pytest.mark.parametrize("uphold", [True, False])
def test_author_gets_the_outcome_of_the_appeal(
    coach: Agent, ada: User, as_ada: Actor, as_root: Actor, uphold: bool
):
    delist_agent(coach, reason="Spam.", by=as_root)
    post_appeal(decisions_about(ada)[0].event.pk, text="No.", by=as_ada)
    deliver_mails()
    decide_appeal(Appeal.objects.get().pk, uphold=uphold, notes="Hm.", by=as_root)

    mails = [m for m in deliver_mails() if "appeal" in m.subject]

    assert summaries(mails) == [("ada", "Decision on your appeal: @ada/coach was delisted")]
    assert "Hm." in mails[0].body


def test_emails_are_retried_while_the_mail_server_does_not_answer(
    coach: Agent, as_grace: Actor, settings: Any
):
    real = settings.EMAIL_BACKEND
    post_review(coach, rating=5, by=as_grace)
    settings.EMAIL_BACKEND = "tests.foundation.notices.test_notices.Broken"
    # The other job tells the webhooks.
    assert run_due_jobs() == JobCounts(success_count=1, retry_count=1)

    settings.EMAIL_BACKEND = real
    Job.objects.update(run_at=F("created_at"))
    assert summaries(deliver_mails()) == [("ada", "New review of @ada/coach")]
