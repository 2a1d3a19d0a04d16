"""Writing reviews. Whoever changes one holds the agent's row until the transaction ends, so the
average and the count that are handed down to it never drift from the rows."""

from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q

from foundation.actor import NOBODY, Actor
from foundation.audit.actions import record
from foundation.clock import now
from foundation.text.input import tidy
from profiles.revisions import bump_person
from registry.agents.actions import lock_agent, set_rating
from registry.agents.queries import refuse_delisted
from registry.agents.revisions import bump_agent, bump_agents
from registry.models import Agent
from reviews.errors import (
    AlreadyReviewed,
    InvalidRating,
    InvalidReply,
    InvalidReview,
    NotYourAgent,
    NotYourReview,
    ReplyNotFound,
    ReviewNotFound,
    SelfReview,
)
from reviews.models import Review
from reviews.queries import own_review, tally_of, wrong_ratings
from reviews.rules import (
    is_rating,
    may_delete,
    may_edit,
    may_reply,
    may_review,
    scope_to_delete,
    wrong_reply,
    wrong_words,
)


@transaction.atomic
def post_review(
    agent: Agent, *, rating: int, title: str | None = None, body: str | None = None, by: Actor
) -> Review:
    """Say what one thinks of somebody else's agent, once. Blank texts are stored as null."""
    user = by.require("reviews:write", about=agent.full_id)
    if not may_review(agent, by):
        raise SelfReview
    said = checked_words({"rating": rating, "title": title, "body": body})
    hold_agent(agent)
    if own_review(agent.pk, user.pk) is not None:
        raise AlreadyReviewed
    review = _add_review(agent=agent, reviewer_user_id=user.pk, **said)
    hand_down_rating(agent.pk)
    bump_person(user.pk)
    record("review.posted", "review", name_of(review), by=by, id=str(review.pk), rating=rating)
    return review


@transaction.atomic
def edit_review(review: Review, changes: dict[str, Any], *, by: Actor) -> Review:
    """Change rating, title or body of one's own review: absent keys stay, None clears a text."""
    by.require("reviews:write", about=review.agent.full_id)
    if not may_edit(review, by):
        raise NotYourReview
    said = checked_words(changes)
    hold_agent(review.agent)
    review = _as_it_is_now(review)
    for field, value in said.items():
        setattr(review, field, value)
    review.updated_at = now()
    review.save(update_fields=[*said, "updated_at"])
    hand_down_rating(review.agent_id)
    record(
        "review.edited", "review", name_of(review), by=by, id=str(review.pk), fields=sorted(said)
    )
    return review


@transaction.atomic
def delete_review(review: Review, *, reason: str | None = None, by: Actor) -> None:
    """Take a review away: the author their own, a maintainer anybody's, but not of their own agent.
    A ``reason`` is kept in the audit log."""
    by.require(scope_to_delete(review, by), about=review.agent.full_id)
    if not may_delete(review, by):
        raise NotYourReview
    lock_agent(review.agent_id)
    review = _as_it_is_now(review)
    name, review_id = name_of(review), str(review.pk)
    moderated = not may_edit(review, by)
    review.delete()
    hand_down_rating(review.agent_id)
    bump_person(review.reviewer_user_id)
    why = {"reason": reason} if reason else {}
    record("review.deleted", "review", name, by=by, id=review_id, moderated=moderated, **why)


@transaction.atomic
def reply_to_review(review: Review, *, body: str | None, by: Actor) -> Review:
    """Answer a review of one's own agent, once; said again it takes the place of the answer."""
    by.require("reviews:write", about=review.agent.full_id)
    if not may_reply(review, by):
        raise NotYourAgent
    words = tidy(body)
    if errors := wrong_reply(words):
        raise InvalidReply(errors=errors)
    hold_agent(review.agent)
    review = _as_it_is_now(review)
    is_first = review.reply is None
    review.reply = words
    setattr(review, "replied_at" if is_first else "reply_edited_at", now())
    review.save(update_fields=["reply", "replied_at", "reply_edited_at"])
    bump_agent(review.agent_id)
    event = "reply.posted" if is_first else "reply.edited"
    record(event, "review", name_of(review), by=by, id=str(review.pk))
    return review


@transaction.atomic
def delete_reply(review: Review, *, by: Actor) -> None:
    """Take one's answer back; refuses where there is none."""
    by.require("reviews:write", about=review.agent.full_id)
    if not may_reply(review, by):
        raise NotYourAgent
    lock_agent(review.agent_id)
    review = _as_it_is_now(review)
    if review.reply is None:
        raise ReplyNotFound
    review.reply = review.replied_at = review.reply_edited_at = None
    review.save(update_fields=["reply", "replied_at", "reply_edited_at"])
    bump_agent(review.agent_id)
    record("reply.deleted", "review", name_of(review), by=by, id=str(review.pk))


def repair_ratings(*, by: Actor = NOBODY) -> int:
    """Set every cached rating that differs from a recount. Gives how many did."""
    wrong = list(wrong_ratings())
    for rating in wrong:
        _repair_rating(rating.agent_id, by=by)
    return len(wrong)


@transaction.atomic
def _repair_rating(agent_id: UUID, *, by: Actor) -> None:
    agent = lock_agent(agent_id)
    hand_down_rating(agent_id)
    record("rating.repaired", "agent", agent.full_id, by=by)


def hand_down_rating(agent_id: UUID) -> None:
    """Recount, and give the agent its average and count. The caller holds the agent's lock."""
    tally = tally_of(agent_id)
    set_rating(agent_id, tally.average, tally.count)


def name_of(review: Review) -> str:
    """As a person names a review: by its agent and its author."""
    return f"{review.agent.full_id} by {review.reviewer_user.username}"


def checked_words(changes: dict[str, Any]) -> dict[str, Any]:
    """What of ``changes`` a review has, as it is stored; refuses a bad rating and long texts."""
    said: dict[str, Any] = {
        field: tidy(changes[field]) for field in ("title", "body") if field in changes
    }
    if "rating" in changes:
        if not is_rating(changes["rating"]):
            raise InvalidRating
        said["rating"] = changes["rating"]
    if errors := wrong_words(said.get("title"), said.get("body")):
        raise InvalidReview(errors=errors)
    return said


def hold_agent(agent: Agent) -> None:
    """Lock the agent's row. Nobody rates what is gone, not even those who can still see it."""
    refuse_delisted(lock_agent(agent.pk), NOBODY)


def _as_it_is_now(review: Review) -> Review:
    """The row again, now that the agent's lock keeps others from changing it."""
    current: Review | None = Review.objects.filter(pk=review.pk).first()
    if current is None:
        raise ReviewNotFound
    current.agent, current.reviewer_user = review.agent, review.reviewer_user
    return current


def _add_review(**fields: Any) -> Review:
    moment = now()
    try:
        with transaction.atomic():
            added: Review = Review.objects.create(created_at=moment, updated_at=moment, **fields)
    except IntegrityError as error:
        # The constraint has the last word, whatever was looked up before.
        raise AlreadyReviewed from error
    return added


def bump_reviewed_agents(user_id: UUID) -> None:
    """Mark the agents whose pages show reviews by a person, with the person's name."""
    bump_agents(Q(pk__in=Review.objects.filter(reviewer_user=user_id).values("agent")))
