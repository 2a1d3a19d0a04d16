"""Pages to write, edit, delete and reply to a review."""

from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.audit.models import AuditLog
from registry.models import Agent
from reviews.actions import reply_to_review
from reviews.models import Review
from tests.support.factories import make_agent, make_version
from tests.support.http import client_of
from tests.support.page import page_of

# The actions behind these forms are tested on PostgreSQL, too.
pytestmark = pytest.mark.once

TAB = "/agents/@ada/coach/reviews"
WRITE = f"{TAB}/write"


def stored() -> list[tuple[Any, ...]]:
    return list(Review.objects.values_list("rating", "title", "body", "reply"))


def test_form_posts_a_review(coach: Agent, grace: User):
    browser = client_of(grace)
    form = page_of(browser.get(WRITE))
    stars = [i for i in form.all("input") if i.get("name") == "rating"]
    assert [i["value"] for i in stars] == ["1", "2", "3", "4", "5"]

    answer = browser.post(WRITE, {"rating": "4", "title": " Good ", "body": "One.\r\n\r\nTwo."})

    review = Review.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"{TAB}#review-{review.pk}")
    assert stored() == [(4, "Good", "One.\n\nTwo.", None)]
    assert Agent.objects.get().review_count == 1


def test_review_needs_only_stars(coach: Agent, grace: User):
    client_of(grace).post(WRITE, {"rating": "1"})

    assert stored() == [(1, None, None, None)]


def test_line_end_counts_as_one_character(coach: Agent, grace: User):
    body = "\r\n".join(["a" * 9] * 200)  # 1,999 characters as a browser counts them.

    client_of(grace).post(WRITE, {"rating": "5", "body": body})

    assert len(Review.objects.get().body or "") == 1999


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"title": "Kept"}, "Select a number of stars."),
        ({"rating": "6", "title": "Kept"}, "Select one to five stars."),
        ({"rating": "five", "title": "Kept"}, "Select one to five stars."),
        ({"rating": "3", "title": "Kept" * 31}, "Ensure this value has at most 120 characters"),
        ({"rating": "3", "body": "Kept" * 501}, "Ensure this value has at most 2000 characters"),
        ({"rating": "3", "title": "Kept", "body": "\0"}, "Null characters are not allowed."),
    ],
)
def test_refused_form_keeps_the_input(
    coach: Agent, grace: User, fields: dict[str, str], wrong: str
):
    answer = client_of(grace).post(WRITE, fields)

    assert answer.status_code == 422
    page = page_of(answer)
    assert "Not saved" in page.texts
    assert [text for text in page.texts if text.startswith(wrong)] != []
    assert "Kept" in answer.content.decode()
    assert stored() == []


def test_form_sent_twice_posts_one_review(coach: Agent, grace: User):
    browser = client_of(grace)
    first = browser.post(WRITE, {"rating": "4", "title": "Good"})
    second = browser.post(WRITE, {"rating": "4", "title": "Good"})

    assert second["Location"] == first["Location"]
    assert len(stored()) == 1


def test_concurrent_second_click_posts_no_second_review(
    coach: Agent, grace: User, monkeypatch: pytest.MonkeyPatch
):
    browser = client_of(grace)
    first = browser.post(WRITE, {"rating": "4", "title": "Good"})
    lookups = iter([None])  # The first check finds no review yet.
    monkeypatch.setattr(
        "reviews.views.own_review", lambda *args: next(lookups, Review.objects.first())
    )

    second = browser.post(WRITE, {"rating": "4", "title": "Good"})

    assert second["Location"] == first["Location"]
    assert len(stored()) == 1


def test_second_review_is_refused_and_its_text_stays_in_the_form(
    coach: Agent, grace: User, review: Review
):
    answer = client_of(grace).post(WRITE, {"rating": "1", "title": "Changed my mind"})

    assert answer.status_code == 409
    assert "Changed my mind" in answer.content.decode()
    assert f"{TAB}/{review.pk}/edit" in page_of(answer).links()
    assert stored() == [(4, "Good", "It works.", None)]


def test_reviewer_is_sent_to_the_edit_form(coach: Agent, grace: User, review: Review):
    answer = client_of(grace).get(WRITE)

    assert answer["Location"] == f"{TAB}/{review.pk}/edit"


def test_owner_has_no_review_form(coach: Agent, ada: User):
    for answer in (client_of(ada).get(WRITE), client_of(ada).post(WRITE, {"rating": "5"})):
        assert answer.status_code == 403
        assert "You can't review your own agent." in page_of(answer).texts
    assert stored() == []


def test_review_form_needs_a_session(coach: Agent, review: Review):
    for address in (WRITE, *(f"{TAB}/{review.pk}/{x}" for x in ("edit", "delete", "reply"))):
        answer = Client().get(address)
        assert (answer.status_code, answer["Location"]) == (302, f"/signin?next={quote(address)}")


def test_review_form_needs_the_csrf_token(coach: Agent, grace: User, review: Review):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(grace)

    for address in (WRITE, f"{TAB}/{review.pk}/edit", f"{TAB}/{review.pk}/delete"):
        assert browser.post(address, {"rating": "1"}).status_code == 403
    assert stored() == [(4, "Good", "It works.", None)]


def test_reviewer_edits_their_review(coach: Agent, grace: User, review: Review):
    address = f"{TAB}/{review.pk}/edit"
    form = page_of(client_of(grace).get(address))
    assert [i["value"] for i in form.all("input") if "checked" in i and i["name"] == "rating"] == [
        "4"
    ]

    answer = client_of(grace).post(address, {"rating": "2", "title": "", "body": "It broke."})

    assert answer["Location"] == f"{TAB}#review-{review.pk}"
    assert stored() == [(2, None, "It broke.", None)]


def test_unchanged_review_is_not_marked_as_edited(coach: Agent, grace: User, review: Review):
    fields = {"rating": "4", "title": "Good", "body": "It works."}
    client_of(grace).post(f"{TAB}/{review.pk}/edit", fields)

    assert not Review.objects.get().is_edited
    assert not AuditLog.objects.filter(action="review.edited").exists()


def test_deletion_needs_a_confirmation(coach: Agent, grace: User, review: Review):
    address = f"{TAB}/{review.pk}/delete"
    assert "It works." in page_of(client_of(grace).get(address)).texts
    assert len(stored()) == 1

    for _ in range(2):  # A second click finds it deleted.
        assert client_of(grace).post(address)["Location"] == TAB
    assert stored() == []
    assert Agent.objects.get().review_count == 0


def test_other_users_may_not_edit_or_delete(coach: Agent, ada: User, review: Review):
    for action in ("edit", "delete"):
        address = f"{TAB}/{review.pk}/{action}"
        assert client_of(ada).get(address).status_code == 403
        assert client_of(ada).post(address, {"rating": "5"}).status_code == 403
    assert stored() == [(4, "Good", "It works.", None)]


def test_review_is_not_found_under_another_agent(ada: User, grace: User, review: Review):
    make_version(make_agent(ada, "other"))

    for suffix in ("", "/edit", "/delete"):
        address = f"/agents/@ada/other/reviews/{review.pk}{suffix}"
        assert client_of(grace).get(address).status_code == 404


@pytest.mark.once
def test_rate_limited_form_keeps_the_text_and_names_the_wait(
    coach: Agent, grace: User, review: Review, limits_on: None
):
    browser = client_of(grace)
    for n in range(30):
        browser.post(f"{TAB}/{review.pk}/edit", {"rating": "1", "title": f"No. {n}"})

    answer = browser.post(f"{TAB}/{review.pk}/edit", {"rating": "1", "title": "One more"})

    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    assert "One more" in answer.content.decode()
    assert stored() == [(1, "No. 29", None, None)]


# --- The owner's reply -------------------------------------------------------------------------


def test_owner_posts_edits_and_deletes_a_reply(coach: Agent, ada: User, review: Review):
    browser, address = client_of(ada), f"{TAB}/{review.pk}/reply"
    assert "It works." in page_of(browser.get(address)).texts

    for _ in range(2):
        answer = browser.post(address, {"body": "Thank you.\r\nAda"})
        assert answer["Location"] == f"{TAB}#review-{review.pk}"
    stored_row = Review.objects.get()
    assert (stored_row.reply, stored_row.reply_edited_at) == ("Thank you.\nAda", None)

    browser.post(address, {"body": "Thanks."})
    stored_row = Review.objects.get()
    assert stored_row.reply == "Thanks."
    assert stored_row.reply_edited_at is not None

    assert "Thanks." in page_of(browser.get(address + "/delete")).texts
    for _ in range(2):
        assert browser.post(address + "/delete").status_code == 302
    assert stored() == [(4, "Good", "It works.", None)]
    assert browser.get(address + "/delete").status_code == 404
    events = AuditLog.objects.filter(action__startswith="reply.").order_by("created_at", "id")
    assert list(events.values_list("action", flat=True)) == [
        "reply.posted", "reply.edited", "reply.deleted",
    ]  # fmt: skip


def test_refused_reply_keeps_the_input(coach: Agent, ada: User, review: Review):
    empty = client_of(ada).post(f"{TAB}/{review.pk}/reply", {"body": " \n "})
    long = client_of(ada).post(f"{TAB}/{review.pk}/reply", {"body": "Kept" * 501})

    assert (empty.status_code, long.status_code) == (422, 422)
    assert "Enter a reply, or delete the reply." in page_of(empty).texts
    assert "KeptKept" in long.content.decode()
    assert stored() == [(4, "Good", "It works.", None)]


def test_other_users_may_not_reply(
    coach: Agent, grace: User, root: User, review: Review, as_ada: Actor
):
    reply_to_review(review, body="Thank you.", by=as_ada)

    for user in (grace, root):
        for suffix in ("reply", "reply/delete"):
            address = f"{TAB}/{review.pk}/{suffix}"
            assert client_of(user).post(address, {"body": "No."}).status_code == 403
    assert stored() == [(4, "Good", "It works.", "Thank you.")]
