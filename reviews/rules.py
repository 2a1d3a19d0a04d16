"""Rules for reviews and replies."""

from django.utils.translation import gettext_lazy as _

from foundation.access.scopes import KeyScope
from foundation.actor import Actor
from registry.models import Agent
from registry.rules.co_maintainers import is_of
from registry.rules.permissions import MAINTAINER, MODERATION_SCOPE
from reviews.models import BODY_LENGTH, REPLY_LENGTH, TITLE_LENGTH, Review

KEY_SCOPES = (
    KeyScope(
        name="reviews:write",
        description=_("Write, edit and delete your reviews."),
        for_devices=True,
    ),
)
DESK_PERMISSIONS = ("reviews.view_review", "reviews.delete_review")


def may_review(agent: Agent, actor: Actor) -> bool:
    """Whether a signed-in user may review; never the agent's owner or a co-maintainer."""
    return actor.is_known and not is_of(agent, actor.user_id)


def may_edit(review: Review, actor: Actor) -> bool:
    return actor.is_user(review.reviewer_user_id)


def may_reply(review: Review, actor: Actor) -> bool:
    """Only the owner of the agent, not a maintainer."""
    return actor.is_user(review.agent.owner_user_id)


def reply_errors(text: str | None) -> list[dict[str, str]]:
    """Errors of a reply, with their JSON paths."""
    if not text:
        return [{"path": "body", "message": "Enter a reply, or delete the reply."}]
    if len(text) > REPLY_LENGTH:
        return [{"path": "body", "message": f"Up to {REPLY_LENGTH} characters."}]
    return []


def scope_to_delete(review: Review, actor: Actor) -> str:
    """The key scope for a deletion; deleting another user's review is moderation."""
    # A maintainer's ordinary key must not moderate by accident.
    moderates = actor.has_role(MAINTAINER)
    return MODERATION_SCOPE if moderates and not may_edit(review, actor) else "reviews:write"


def is_rating(value: object) -> bool:
    """Whether a value is an integer from 1 to 5; not "5", 5.0 or True."""
    # True is an int in Python, and 5.0 equals 5.
    return type(value) is int and 1 <= value <= 5


def review_errors(title: str | None, body: str | None) -> list[dict[str, str]]:
    """Errors for texts that are too long, with their JSON paths."""
    return [
        {"path": path, "message": f"Up to {limit} characters."}
        for path, text, limit in (("title", title, TITLE_LENGTH), ("body", body, BODY_LENGTH))
        if len(text or "") > limit
    ]
