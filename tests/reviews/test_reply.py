"""The owner's reply: the action and the JSON endpoint."""

import uuid
from collections.abc import Callable

import pytest

from clawstore.account.actions import export_account
from foundation.accounts.models import User
from foundation.actor import ANONYMOUS, Actor
from foundation.audit.models import AuditLog
from foundation.clock import iso
from foundation.refusals import InsufficientScope, Unauthenticated
from registry.agents.actions import delist_agent
from registry.errors import AgentDelisted
from registry.models import Agent
from reviews.actions import delete_reply, delete_review, reply_to_review
from reviews.errors import InvalidReply, NotYourAgent, ReplyNotFound, ReviewNotFound
from reviews.models import Review
from tests.support.http import Api

PATH = "/v1/agents/ada/coach/reviews"
Mint = Callable[..., str]


def reply_of(review: Review) -> str | None:
    return Review.objects.get(pk=review.pk).reply


def test_second_reply_replaces_the_first(review: Review, as_ada: Actor):
    first = reply_to_review(review, body="  Thank\r\nyou. ", by=as_ada)
    second = reply_to_review(review, body="Thanks.", by=as_ada)

    assert (first.reply, second.reply) == ("Thank\nyou.", "Thanks.")
    assert second.replied_at == first.replied_at
    assert first.reply_edited_at is None
    assert second.reply_edited_at is not None
    assert not Review.objects.get().is_edited
    last = AuditLog.objects.get(action="reply.edited")
    assert (last.entity_type, last.entity_id) == ("review", "@ada/coach by grace")


@pytest.mark.parametrize("body", [None, "", " \n\t ", "x" * 2001])
def test_reply_has_one_to_two_thousand_characters(review: Review, as_ada: Actor, body: str):
    with pytest.raises(InvalidReply):
        reply_to_review(review, body=body, by=as_ada)

    assert reply_of(review) is None


@pytest.mark.once
def test_only_the_owner_with_the_scope_may_reply(
    review: Review, ada: User, as_grace: Actor, as_root: Actor
):
    reading = Actor(user=ada, scopes=frozenset({"read"}))
    bound_actor = Actor(user=ada, scopes=frozenset({"reviews:write"}), bound_to="@ada/other")
    for by, refusal in (
        (ANONYMOUS, Unauthenticated),
        (as_grace, NotYourAgent),
        (as_root, NotYourAgent),
        (reading, InsufficientScope),
        (bound_actor, InsufficientScope),
    ):
        with pytest.raises(refusal):
            reply_to_review(review, body="Hello.", by=by)
        with pytest.raises(refusal):
            delete_reply(review, by=by)
    assert reply_of(review) is None


def test_reply_on_a_delisted_agent_may_only_be_deleted(
    coach: Agent, review: Review, as_ada: Actor, as_root: Actor
):
    reply_to_review(review, body="Thank you.", by=as_ada)
    delist_agent(coach, reason="It lied.", by=as_root)

    with pytest.raises(AgentDelisted):
        reply_to_review(review, body="No!", by=as_ada)
    assert reply_of(review) == "Thank you."
    delete_reply(review, by=as_ada)
    assert reply_of(review) is None
    with pytest.raises(ReplyNotFound):
        delete_reply(review, by=as_ada)


@pytest.mark.once
def test_deleted_review_cannot_be_replied_to(review: Review, as_ada: Actor, as_grace: Actor):
    delete_review(review, by=as_grace)
    review.pk = uuid.uuid4()

    with pytest.raises(ReviewNotFound):
        reply_to_review(review, body="Too late.", by=as_ada)


@pytest.mark.once
def test_api_creates_edits_and_deletes_a_reply(
    api: Api, review: Review, ada: User, grace: User, key_for: Mint
):
    key = key_for(ada, "reviews:write")
    address = f"{PATH}/{review.pk}/reply"

    assert api.get(PATH).json()["items"][0]["reply"] is None
    answer = api.put(address, {"body": "Thank you."}, key=key)
    assert (answer.status_code, answer.json()) == (200, {"ok": True})
    replied_at = Review.objects.get().replied_at
    assert replied_at
    expectation = {"body": "Thank you.", "createdAt": iso(replied_at)}
    assert api.get(PATH).json()["items"][0]["reply"] == expectation

    assert api.put(address, {"body": "x"}, key=key_for(grace, "reviews:write")).status_code == 403
    assert api.put(address, {"body": "x"}).status_code == 401
    assert api.delete(address, key=key).json() == {"ok": True}
    response = api.delete(address, key=key)
    assert (response.status_code, response.json()["error"]["code"]) == (404, "reply_not_found")


@pytest.mark.once
@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"body": None}, 422),
        ({"body": " "}, 422),
        ({"body": "x" * 2001}, 422),
        ({"body": 7}, 422),
        ({"body": "\0"}, 422),
        ([], 422),
        (b"{", 400),
    ],
)
def test_invalid_reply_is_refused_with_its_code(
    api: Api, review: Review, ada: User, key_for: Mint, body, status: int
):
    key = key_for(ada, "reviews:write")

    answer = api.put(f"{PATH}/{review.pk}/reply", body, key=key)

    assert answer.status_code == status
    assert reply_of(review) is None


@pytest.mark.once
@pytest.mark.parametrize("review_id", ["garbage", str(uuid.UUID(int=7)), "0" * 5000])
def test_reply_to_an_unknown_review_is_not_found(
    api: Api, coach: Agent, ada: User, key_for: Mint, review_id: str
):
    key = key_for(ada, "reviews:write")

    answer = api.put(f"{PATH}/{review_id}/reply", {"body": "Hello."}, key=key)

    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "review_not_found")


def test_account_export_has_own_replies_without_the_reviews(review: Review, as_ada: Actor):
    reply_to_review(review, body="Thank you, all.", by=as_ada)
    Review.objects.filter(pk=review.pk).update(body="Graces own words")

    export = "".join(export_account(by=as_ada))

    assert "Thank you, all." in export
    assert "Graces own words" not in export
