"""The reviews of an agent as a tab of its page."""

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clawstore.account.actions import delete_account
from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.clock import now
from registry.agents.actions import delist_agent
from registry.models import Agent
from reviews.actions import post_review, reply_to_review
from reviews.models import Review
from tests.support.factories import make_agent, make_user
from tests.support.http import client_of
from tests.support.page import MAX_QUERIES, Page
from tests.support.reviews import post_reviews

pytestmark = pytest.mark.once

TAB = "/agents/@ada/coach/reviews"


def read_page(browser: Client, address: str = TAB) -> Page:
    answer = browser.get(address)
    assert answer.status_code == 200
    return Page(answer.content.decode())


def test_page_shows_average_and_distribution(coach: Agent):
    post_reviews(coach, 7)

    page = read_page(client_of())

    assert "2.6 of 5" in page.texts
    shares = [text for text in page.texts if text.endswith(" %")]
    assert shares == ["14 %", "14 %", "14 %", "29 %", "29 %"]
    assert [rect["width"] for rect in page.all("rect") if "%" in (rect["width"] or "")] == [
        "14%", "14%", "14%", "29%", "29%",
    ]  # fmt: skip


def test_page_shows_all_parts_of_a_review(coach: Agent, as_ada: Actor):
    [review] = post_reviews(coach, 1, rating=4, title="Good", body="One.\n\nTwo\nthree.")
    Review.objects.filter(pk=review.pk).update(updated_at=now())
    reply_to_review(review, body="Thank you.", by=as_ada)

    page = read_page(client_of())

    for words in ("4 of 5", "Good", "One.", "Two", "three.", "user-0", "edited", "Thank you."):
        assert words in page.texts
    assert "Reply by Ada Lovelace (owner)" in page.texts
    assert "/@user-0" in page.links()
    assert f"{TAB}/{review.pk}/report" in page.links()


def test_markup_and_links_in_a_review_are_escaped(coach: Agent, as_ada: Actor):
    evil = "<script>alert(1)</script> https://evil.example <img src=x onerror=y>"
    [review] = post_reviews(coach, 1, rating=1, title=evil[:100], body=evil)
    reply_to_review(review, body=evil, by=as_ada)

    page = read_page(client_of())

    assert page.text.count("<script>alert(1)</script> https://evil.example") == 3
    assert [link for link in page.links() if "evil" in link] == []
    assert [image for image in page.all("img") if image.get("src") == "x"] == []


def test_reviews_are_newest_first_on_numbered_pages(coach: Agent):
    post_reviews(coach, 21, title="Said")

    first, second = read_page(client_of()), read_page(client_of(), TAB + "?page=2")

    names = [text for text in first.texts if text.startswith("user-")]
    assert names == [f"user-{n}" for n in range(20, 0, -1)]
    assert [text for text in second.texts if text.startswith("user-")] == ["user-0"]
    assert second.canonical()[0].endswith(TAB + "?page=2")
    assert first.canonical()[0].endswith(TAB)


def test_review_address_leads_to_its_page_and_anchor(coach: Agent):
    oldest, *_, newest = post_reviews(coach, 21)

    to_oldest = client_of().get(f"{TAB}/{oldest.pk}")
    to_newest = client_of().get(f"{TAB}/{newest.pk}")

    assert (to_oldest.status_code, to_oldest["Location"]) == (
        302,
        f"{TAB}?page=2#review-{oldest.pk}",
    )
    assert to_newest["Location"] == f"{TAB}#review-{newest.pk}"
    assert f'id="review-{oldest.pk}"' in client_of().get(TAB + "?page=2").content.decode()
    assert client_of().get(TAB + "/garbage").status_code == 404


def test_review_of_a_former_member_has_no_name(coach: Agent, grace: User, as_grace: Actor):
    post_review(coach, rating=5, body="Lovely.", by=as_grace)
    delete_account("grace", by=as_grace)
    grace.refresh_from_db()

    page = read_page(client_of())

    assert "former member" in page.texts
    assert "Lovely." in page.texts
    assert not grace.is_active
    assert [a for a in page.links() if "former" in a or "grace" in a] == []
    assert "grace" not in page.text


def test_reviewer_without_a_profile_has_the_username(coach: Agent):
    bare = User.objects.create_user("bare")
    post_review(coach, rating=5, by=Actor(user=bare))

    assert "bare" in read_page(client_of()).texts


def test_page_offers_the_actions_of_each_user(
    coach: Agent, ada: User, grace: User, as_grace: Actor
):
    write = f"{TAB}/write"
    assert f"/signin?next={quote(write)}" in read_page(client_of()).links()
    assert write in read_page(client_of(grace)).links()

    own = read_page(client_of(ada))
    assert "This is your agent" in own.texts
    assert write not in own.links()

    review = post_review(coach, rating=3, by=as_grace)
    own_page = read_page(client_of(grace))
    assert "You gave 3 stars." in own_page.texts
    assert write not in own_page.links()
    assert {f"{TAB}/{review.pk}/edit", f"{TAB}/{review.pk}/delete"} <= set(own_page.links())
    assert f"{TAB}/{review.pk}/report" not in own_page.links()
    assert f"{TAB}/{review.pk}/reply" in read_page(client_of(ada)).links()


def test_agent_without_reviews_has_an_empty_page(coach: Agent):
    page = read_page(client_of())

    assert "No reviews yet." in page.texts
    assert "/agents/@ada/coach" in page.links()


def test_agent_page_links_to_reviews(coach: Agent):
    post_reviews(coach, 2)

    page = read_page(client_of(), "/agents/@ada/coach")

    assert page.links().count(TAB) == 2  # The tab, and the rating in the heading.
    assert "/agents/@ada/coach/report" in page.links()


def test_reviews_of_a_delisted_agent_are_gone(coach: Agent, ada: User, grace: User, as_root: Actor):
    [review] = post_reviews(coach, 1)
    delist_agent(coach, reason="It lied.", by=as_root)

    for address in (TAB, f"{TAB}/{review.pk}", f"{TAB}/write", f"{TAB}/{review.pk}/report"):
        assert client_of(grace).get(address).status_code == 410
    owners = read_page(client_of(ada))
    assert "It lied." in owners.texts
    assert [a for a in owners.links() if a.endswith("/reply")] == []


def test_address_in_capital_letters_redirects(coach: Agent):
    answer = client_of().get("/agents/@Ada/Coach/reviews")

    assert (answer.status_code, answer["Location"]) == (301, TAB)


def test_page_is_public_without_a_session_and_private_with_one(coach: Agent, grace: User):
    answer = client_of().get(TAB)
    assert (answer.cookies, "public" in answer["Cache-Control"]) == ({}, True)

    assert "private" in client_of(grace).get(TAB)["Cache-Control"]


@pytest.mark.parametrize("role", ["nobody", "grace", "ada"])
def test_page_takes_a_constant_number_of_queries(
    coach: Agent, ada: User, grace: User, as_ada: Actor, role: str
):
    browser = client_of({"nobody": None, "grace": grace, "ada": ada}[role])

    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            read_page(browser)
        return len(queries)

    post_reviews(coach, 1)
    few = cost()
    Review.objects.all().delete()
    for n in range(5):
        review = post_review(coach, rating=5, by=Actor(user=make_user(f"other-{n}")))
        reply_to_review(review, body="Thank you.", by=as_ada)

    assert cost() == few
    assert few <= MAX_QUERIES


# --- A person ----------------------------------------------------------------------------------


def test_profile_lists_reviews_of_the_person(ada: User, as_grace: Actor, as_root: Actor):
    for n in range(5):
        coach = make_agent(ada, f"agent-{n}")
        review = post_review(coach, rating=4, title=f"No. {n}", by=as_grace)
        Review.objects.filter(pk=review.pk).update(created_at=now() - timedelta(days=9 - n))
    delist_agent(coach, reason="It lied.", by=as_root)

    page = read_page(client_of(), "/@grace")
    assert [text for text in page.texts if text.startswith("No. ")] == ["No. 3", "No. 2", "No. 1"]
    assert "/@grace/reviews" in page.links()

    full_page = read_page(client_of(), "/@grace/reviews")
    assert [text for text in full_page.texts if text.startswith("No. ")] == [
        "No. 3", "No. 2", "No. 1", "No. 0",
    ]  # fmt: skip


def test_profile_reviews_are_paged_in_few_queries(
    ada: User, as_grace: Actor, queries_of: Callable[[str], int]
):
    post_review(make_agent(ada, "first"), rating=4, by=as_grace)
    few, few_in_full = queries_of("/@grace"), queries_of("/@grace/reviews")
    for n in range(20):
        post_review(make_agent(ada, f"agent-{n}"), rating=4, by=as_grace)

    assert (queries_of("/@grace"), queries_of("/@grace/reviews")) == (few, few_in_full)
    assert "first" in read_page(client_of(), "/@grace/reviews?page=2").text


def test_profile_of_a_former_member_shows_no_reviews(coach: Agent, grace: User, as_grace: Actor):
    post_review(coach, rating=5, title="Mine", by=as_grace)
    delete_account("grace", by=as_grace)

    for address in ("/@grace", "/@grace/reviews"):
        assert "Mine" not in read_page(client_of(), address).text
