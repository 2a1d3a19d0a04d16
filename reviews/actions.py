"""Writes about reviews and replies.

Every write locks the agent's row, so the average and count stored there match the reviews.
"""

from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q

from foundation.actor import ANONYMOUS, Actor
from foundation.audit.actions import record
from foundation.clock import now
from foundation.own_matters import refuse_own_matter
from foundation.text.input import tidy
from profiles.revisions import bump_person
from registry.agents.actions import lock_agent, lock_checked_agent, set_rating
from registry.agents.queries import find_agent_by_any_id, refuse_delisted
from registry.agents.revisions import bump_agent, bump_agents
from registry.models import Agent
from registry.rules.permissions import may_moderate
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
from reviews.queries import own_review, rating_summary, wrong_ratings
from reviews.rules import (
    is_rating,
    may_edit,
    may_reply,
    may_review,
    reply_errors,
    review_errors,
    scope_to_delete,
)


@transaction.atomic
def post_review(
    agent: Agent, *, rating: int, title: str | None = None, body: str | None = None, by: Actor
) -> Review:
    """Review another user's agent, once per user. Blank texts become None.

    Raises SelfReview, InvalidRating, InvalidReview, AgentDelisted or AlreadyReviewed.
    """
    user = by.require("reviews:write", about=agent.full_id)
    if not may_review(agent, by):
        raise SelfReview
    fields = validate_review({"rating": rating, "title": title, "body": body})
    lock_listed_agent(agent)
    # Checked under the lock; the constraint catches what this check cannot see.
    if own_review(agent.pk, user.pk) is not None:
        raise AlreadyReviewed
    review = _add_review(agent=agent, reviewer_user_id=user.pk, **fields)
    # In the same transaction, so that no reader sees a review without its stars.
    update_rating(agent.pk)
    # The person's page lists the review.
    bump_person(user.pk)
    record("review.posted", "review", label_of(review), by=by, id=str(review.pk), rating=rating)
    return review


@transaction.atomic
def edit_review(review: Review, changes: dict[str, Any], *, by: Actor) -> Review:
    """Change the actor's own review. Absent keys keep a value, None clears a text.

    Raises NotYourReview, or SelfReview if the actor has become a co-maintainer of the agent.
    """
    by.require("reviews:write", about=review.agent.full_id)
    if not may_edit(review, by):
        raise NotYourReview
    if not may_review(review.agent, by):
        raise SelfReview
    fields = validate_review(changes)
    lock_listed_agent(review.agent)
    review = _reload(review)
    for field, value in fields.items():
        setattr(review, field, value)
    review.updated_at = now()
    review.save(update_fields=[*fields, "updated_at"])
    update_rating(review.agent_id)
    record(
        "review.edited", "review", label_of(review), by=by, id=str(review.pk), fields=sorted(fields)
    )
    return review


@transaction.atomic
def delete_review(review: Review, *, reason: str | None = None, by: Actor) -> None:
    """Delete a review, as its author or as a maintainer without a relation to it.

    A ``reason`` is stored in the audit log.
    """
    by.require(scope_to_delete(review, by), about=review.agent.full_id)
    refuse_deletion(review, by)
    lock_checked_agent(review.agent)
    review = _reload(review)
    # Read before the deletion, which clears the id.
    name, review_id = label_of(review), str(review.pk)
    # The log tells a deletion by a maintainer from one by the author.
    moderated = not may_edit(review, by)
    review.delete()
    update_rating(review.agent_id)
    bump_person(review.reviewer_user_id)
    reason_field = {"reason": reason} if reason else {}
    record(
        "review.deleted", "review", name, by=by, id=review_id, moderated=moderated, **reason_field
    )


@transaction.atomic
def delete_review_of_new_owner(full_id: str) -> bool:
    """Delete the review that the new owner of an agent wrote before.

    Owners do not review their own agents. Returns whether there was one.
    """
    agent = lock_agent(find_agent_by_any_id(full_id).pk)
    reviews = Review.objects.select_related("agent", "reviewer_user")
    review = reviews.filter(agent=agent, reviewer_user=agent.owner_user_id).first()
    if review is None:
        return False
    name, review_id = label_of(review), str(review.pk)
    review.delete()
    update_rating(agent.pk)
    bump_person(agent.owner_user_id)
    reason = "The reviewer owns the agent now."
    record("review.deleted", "review", name, by=ANONYMOUS, id=review_id, reason=reason)
    return True


def refuse_deletion(review: Review, by: Actor) -> None:
    """Refuse all but the author and maintainers without a relation to the review.

    Raises NotYourReview or OwnMatter.
    """
    if may_edit(review, by):
        return
    if not may_moderate(by):
        raise NotYourReview
    refuse_own_matter(review, by)


@transaction.atomic
def reply_to_review(review: Review, *, body: str | None, by: Actor) -> Review:
    """Reply to a review of the actor's own agent, or replace the reply."""
    by.require("reviews:write", about=review.agent.full_id)
    if not may_reply(review, by):
        raise NotYourAgent
    words = tidy(body)
    if errors := reply_errors(words):
        raise InvalidReply(errors=errors)
    lock_listed_agent(review.agent)
    review = _reload(review)
    is_first = review.reply is None
    review.reply = words
    # The time of the first reply stays, and pages mark an edit.
    setattr(review, "replied_at" if is_first else "reply_edited_at", now())
    review.save(update_fields=["reply", "replied_at", "reply_edited_at"])
    bump_agent(review.agent_id)
    event = "reply.posted" if is_first else "reply.edited"
    record(event, "review", label_of(review), by=by, id=str(review.pk))
    return review


@transaction.atomic
def delete_reply(review: Review, *, by: Actor) -> None:
    """Delete the reply to a review. Raises ReplyNotFound."""
    by.require("reviews:write", about=review.agent.full_id)
    if not may_reply(review, by):
        raise NotYourAgent
    lock_checked_agent(review.agent)
    review = _reload(review)
    if review.reply is None:
        raise ReplyNotFound
    review.reply = review.replied_at = review.reply_edited_at = None
    review.save(update_fields=["reply", "replied_at", "reply_edited_at"])
    bump_agent(review.agent_id)
    record("reply.deleted", "review", label_of(review), by=by, id=str(review.pk))


def repair_ratings(*, by: Actor = ANONYMOUS) -> int:
    """Correct all cached ratings that differ from a recount; return their number."""
    wrong = list(wrong_ratings())
    for rating in wrong:
        # A transaction for each agent, so no lock is held for the whole catalogue.
        _repair_rating(rating.agent_id, by=by)
    return len(wrong)


@transaction.atomic
def _repair_rating(agent_id: UUID, *, by: Actor) -> None:
    agent = lock_agent(agent_id)
    update_rating(agent_id)
    record("rating.repaired", "agent", agent.full_id, by=by)


def update_rating(agent_id: UUID) -> None:
    """Recount the rating and store it on the agent, whose lock the caller holds."""
    summary = rating_summary(agent_id)
    set_rating(agent_id, summary.average, summary.count)


def label_of(review: Review) -> str:
    """The name of a review in the audit log: its agent and author."""
    return f"{review.agent.full_id} by {review.reviewer_user.username}"


def validate_review(changes: dict[str, Any]) -> dict[str, Any]:
    """The fields of a review as stored. Raises InvalidRating or InvalidReview."""
    fields: dict[str, Any] = {
        field: tidy(changes[field]) for field in ("title", "body") if field in changes
    }
    if "rating" in changes:
        if not is_rating(changes["rating"]):
            raise InvalidRating
        fields["rating"] = changes["rating"]
    if errors := review_errors(fields.get("title"), fields.get("body")):
        raise InvalidReview(errors=errors)
    return fields


def lock_listed_agent(agent: Agent) -> None:
    """Lock the agent's row. Raises AgentMoved, or AgentDelisted even for its owner."""
    refuse_delisted(lock_checked_agent(agent), ANONYMOUS)


def _reload(review: Review) -> Review:
    """Read the row again under the agent's lock. Raises ReviewNotFound."""
    current: Review | None = Review.objects.filter(pk=review.pk).first()
    if current is None:
        raise ReviewNotFound
    current.agent, current.reviewer_user = review.agent, review.reviewer_user
    return current


def _add_review(**fields: Any) -> Review:
    moment = now()
    try:
        with transaction.atomic():
            # The block is a savepoint: PostgreSQL refuses further queries after an error.
            review: Review = Review.objects.create(created_at=moment, updated_at=moment, **fields)
    except IntegrityError as error:
        # A concurrent request was first; the unique constraint decides.
        raise AlreadyReviewed from error
    return review


def bump_reviewed_agents(user_id: UUID) -> None:
    """Mark the agents whose pages show reviews by a person, with the person's name."""
    bump_agents(Q(pk__in=Review.objects.filter(reviewer_user=user_id).values("agent")))
