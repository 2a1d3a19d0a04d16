"""Reporting an agent, a version or a review in the browser; and the receipt."""

import re
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.notices.actions import set_notice_preferences
from moderation.actions import resolve_report
from moderation.models import Report
from registry.agents.actions import delist_agent
from registry.models import Agent
from reviews.models import Review
from tests.support.factories import make_agent, make_version
from tests.support.http import client_of
from tests.support.page import MAX_QUERIES, Page, page_of

pytestmark = pytest.mark.once

AGENT = "/agents/@ada/coach"
FORM = {"reason": "spam", "details": "It sells\r\nthings."}


def test_anonymous_visitor_reports_an_agent(coach: Agent):
    answer = client_of().post(f"{AGENT}/report", FORM)

    report = Report.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/reports/{report.pk}")
    assert (report.agent_id, report.version_id, report.review_id) == (coach.pk, None, None)
    assert (report.reason, report.details) == ("spam", "It sells\nthings.")
    assert report.reporter_user_id is None
    assert re.fullmatch(r"[0-9a-f]{64}", report.reporter_ip_hash)


def test_signed_in_user_reports_a_version(coach: Agent, grace: User):
    make_version(coach, "2.0.0")

    client_of(grace).post(f"{AGENT}/versions/1.0.0/report", FORM)

    report = Report.objects.get()
    assert report.version is not None
    assert (report.version.version, report.reporter_user_id) == ("1.0.0", grace.pk)


def test_report_from_the_page_of_a_file_names_the_file(coach: Agent):
    form = Client().get("/agents/@ada/coach/versions/1.0.0/report", {"file": "docs/<a>.md"}).text

    assert "docs/&lt;a&gt;.md, line </textarea>" in form
    assert "line </textarea>" not in Client().get("/agents/@ada/coach/versions/1.0.0/report").text


def test_review_report_form_shows_and_stores_the_review(review: Review, ada: User):
    address = f"{AGENT}/reviews/{review.pk}/report"
    page = page_of(client_of(ada).get(address))
    assert {"4 of 5", "Good", "It works."} <= set(page.texts)

    client_of(ada).post(address, FORM)

    report = Report.objects.get()
    assert report.review_id == review.pk
    assert report.review_snapshot is not None
    assert report.review_snapshot["body"] == "It works."


def test_every_reason_has_a_radio_button_and_an_explanation(coach: Agent):
    page = page_of(client_of().get(f"{AGENT}/report"))

    radios = [i["value"] for i in page.all("input") if i.get("name") == "reason"]
    assert radios == list(Report.Reason.values)
    assert [i for i in page.all("input") if i.get("name") == "reason" and "checked" in i] == []


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"details": "Kept"}, "Select a reason."),
        ({"reason": "because", "details": "Kept"}, "Select one of these reasons."),
        (
            {"reason": "spam", "details": " "},
            "Describe what you saw: a reason alone is hard to verify.",
        ),
        ({"reason": "spam", "details": "Kept" * 501}, "Ensure this value has at most 2000"),
        ({"reason": "spam", "details": "Kept\0"}, "Null characters are not allowed."),
    ],
)
def test_refused_report_form_keeps_the_input(coach: Agent, fields: dict[str, str], wrong: str):
    answer = client_of().post(f"{AGENT}/report", fields)

    assert answer.status_code == 422
    page = page_of(answer)
    assert [text for text in page.texts if text.startswith(wrong)] != []
    assert fields["details"].strip().replace("\0", "") in answer.content.decode().replace("\0", "")
    selection = [i["value"] for i in page.all("input") if "checked" in i and i["name"] == "reason"]
    assert selection == ([fields["reason"]] if fields.get("reason") == "spam" else [])
    assert not Report.objects.exists()


def test_repeated_report_is_stored_once_and_a_different_one_again(coach: Agent, grace: User):
    browser = client_of(grace)
    first, second_answer = (browser.post(f"{AGENT}/report", FORM) for _ in range(2))
    assert first["Location"] == second_answer["Location"]

    other = browser.post(f"{AGENT}/report", FORM | {"details": "And more."})
    answer_to_another = client_of().post(f"{AGENT}/report", FORM)

    assert len({first["Location"], other["Location"], answer_to_another["Location"]}) == 3
    assert Report.objects.count() == 3


def test_report_form_says_whether_the_reporter_is_named(coach: Agent, grace: User):
    signed_out = page_of(client_of().get(f"{AGENT}/report"))
    signed_in = page_of(client_of(grace).get(f"{AGENT}/report"))

    assert f"/signin?next={quote(AGENT)}/report" in signed_out.links()
    assert "Sent as @grace, visible to maintainers." in signed_in.texts


def test_rate_limited_report_form_keeps_the_text_and_names_the_wait(coach: Agent, limits_on: None):
    for n in range(10):
        client_of().post(f"{AGENT}/report", FORM | {"details": f"No. {n}"})

    answer = client_of().post(f"{AGENT}/report", FORM | {"details": "One more"})

    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    minutes = -(-int(answer["Retry-After"]) // 60)
    assert f"Try again in {minutes} minutes." in page_of(answer).text
    assert "One more" in answer.content.decode()
    assert Report.objects.count() == 10


def test_only_the_report_form_sets_a_csrf_cookie(coach: Agent, review: Review):
    for address in (AGENT, f"{AGENT}/reviews", f"/reports/{review.pk}"):
        assert client_of().get(address).cookies == {}

    answer = client_of().get(f"{AGENT}/report")
    assert list(answer.cookies) == ["csrftoken"]
    assert "private" in answer["Cache-Control"]
    assert Client(enforce_csrf_checks=True).post(f"{AGENT}/report", FORM).status_code == 403
    assert not Report.objects.exists()


def test_unknown_object_has_no_report_form(coach: Agent, ada: User, review: Review):
    make_version(make_agent(ada, "other"))
    for address in (
        "/agents/@ada/nothing/report",
        f"{AGENT}/versions/9.9.9/report",
        f"{AGENT}/reviews/garbage/report",
        f"/agents/@ada/other/reviews/{review.pk}/report",
        "/reports/garbage",
        "/reports/00000000-0000-0000-0000-000000000001",
    ):
        assert client_of().get(address).status_code == 404


def test_delisted_agent_can_be_reported_and_its_text_is_hidden(coach: Agent, as_root: Actor):
    Agent.objects.filter(pk=coach.pk).update(display_name="Buy now")
    coach.refresh_from_db()
    delist_agent(coach, reason="It lied.", by=as_root)

    page = page_of(client_of().get(f"{AGENT}/report"))
    assert "Buy now" not in page.text

    to_receipt = client_of().post(f"{AGENT}/report", FORM)
    assert "/agents" in page_of(client_of().get(to_receipt["Location"])).links()
    assert Report.objects.count() == 1


def test_report_form_takes_few_queries(coach: Agent, grace: User, review: Review):
    browser = client_of(grace)
    address = f"{AGENT}/reviews/{review.pk}/report"
    receipt = browser.post(address, FORM)["Location"]

    for url in (address, f"{AGENT}/report", f"{AGENT}/versions/1.0.0/report", receipt):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert browser.get(url).status_code == 200
        assert len(queries) <= MAX_QUERIES


# --- The receipt -------------------------------------------------------------------------------


def receipt_of(user: User | None) -> Page:
    browser = client_of(user)
    address = browser.post(f"{AGENT}/report", FORM)["Location"]
    answer = client_of().get(address)
    assert (answer.status_code, "no-store" in answer["Cache-Control"]) == (200, True)
    return page_of(answer)


def test_receipt_says_what_happens_next(coach: Agent):
    page = receipt_of(None)

    assert str(Report.objects.get().pk) in page.texts
    assert "@ada/coach" in page.texts
    assert "Reports of malicious agents come first, then the oldest" in page.text
    assert "never learns who reported it" in page.text
    assert "You were not signed in" in page.text
    # The text of the report is not shown to a visitor who knows the address.
    assert "It sells" not in page.text


def test_receipt_says_whether_an_email_will_follow(coach: Agent, grace: User, as_grace: Actor):
    User.objects.filter(pk=grace.pk).update(email="")
    assert "Your account has no email address" in receipt_of(grace).text

    User.objects.filter(pk=grace.pk).update(email="grace@example.com")
    assert "You get the outcome by email." in receipt_of(grace).text

    set_notice_preferences(grace, [], by=as_grace)
    assert "You turned off emails about your reports" in receipt_of(grace).text


@pytest.mark.parametrize(("status", "word"), [("resolved", "Resolved"), ("dismissed", "Dismissed")])
def test_receipt_shows_the_outcome_and_hides_the_notes(
    coach: Agent, as_root: Actor, status: str, word: str
):
    address = client_of().post(f"{AGENT}/report", FORM)["Location"]
    resolve_report(Report.objects.get().pk, status=status, notes="Between us.", by=as_root)

    page = page_of(client_of().get(address))

    assert word in page.texts
    assert "Between us." not in page.text
    assert "root" not in page.text
