"""Who may review, and what a review may say. Answers, never acts."""

from foundation.actor import Actor
from registry.models import Agent
from reviews.models import BODY_LENGTH, REPLY_LENGTH, TITLE_LENGTH, Review

MAINTAINER_PERMISSIONS = ("reviews.view_review", "reviews.delete_review")


def may_review(agent: Agent, actor: Actor) -> bool:
    """Anybody who is signed in, but not the agent's owner."""
    return actor.is_known and not actor.is_user(agent.owner_user_id)


def may_edit(review: Review, actor: Actor) -> bool:
    return actor.is_user(review.reviewer_user_id)


def may_delete(review: Review, actor: Actor) -> bool:
    """The author; maintainers delete what should not stand, but not below their own agent."""
    is_owner = actor.is_user(review.agent.owner_user_id)
    return may_edit(review, actor) or (actor.moderates and not is_owner)


def may_reply(review: Review, actor: Actor) -> bool:
    """The owner of the agent, and nobody in their place."""
    return actor.is_user(review.agent.owner_user_id)


def wrong_reply(text: str | None) -> list[dict[str, str]]:
    """What is wrong with a reply, as the wire names it."""
    if not text:
        return [{"path": "body", "message": "Enter a reply, or delete the reply."}]
    if len(text) > REPLY_LENGTH:
        return [{"path": "body", "message": f"Up to {REPLY_LENGTH} characters."}]
    return []


def scope_to_delete(review: Review, actor: Actor) -> str:
    """The scope that a key needs: deleting somebody else's review is moderation."""
    moderating = actor.user is not None and actor.user.is_maintainer
    return "reports:moderate" if moderating and not may_edit(review, actor) else "reviews:write"


def is_rating(value: object) -> bool:
    """A whole number from 1 to 5: neither "5" nor 5.0 nor True."""
    return type(value) is int and 1 <= value <= 5


def wrong_words(title: str | None, body: str | None) -> list[dict[str, str]]:
    """Every text that is too long, as the wire names it."""
    return [
        {"path": path, "message": f"Up to {most} characters."}
        for path, text, most in (("title", title, TITLE_LENGTH), ("body", body, BODY_LENGTH))
        if len(text or "") > most
    ]
