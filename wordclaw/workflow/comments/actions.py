"""Writes of comments."""

from django.db import transaction

from foundation.actor import Actor
from foundation.audit.actions import record
from foundation.clock import now
from foundation.text.input import read_uuid
from wordclaw.content.errors import ItemNotFound
from wordclaw.content.items.actions import lock_item
from wordclaw.policy.actions import authorize
from wordclaw.policy.models import Domain, MemberRole
from wordclaw.workflow.errors import CommentNotFound, InvalidComment, TooManyComments
from wordclaw.workflow.models import POINTER_LENGTH, ReviewComment

MAX_COMMENTS = 1_000
"""Comments of one item."""


@transaction.atomic
def add_comment(
    domain: Domain,
    item_id: str,
    *,
    body: str,
    pointer: str = "",
    reply_to: str | None = None,
    by: Actor,
) -> ReviewComment:
    """Comment on an item's working copy, or on one of its fields.

    ``pointer``: a JSON pointer (RFC 6901) to the field, or "". Raises ItemNotFound, InvalidComment,
    CommentNotFound or TooManyComments.
    """
    _authorize(by, domain, item_id)
    # Locked, so that two requests at once cannot pass the limit of comments.
    item = lock_item(domain, item_id)
    body = body.strip()
    if not body:
        raise InvalidComment("A comment needs a text.", errors=_error("body", "Write a text."))
    if len(pointer) > POINTER_LENGTH or (pointer and not pointer.startswith("/")):
        errors = _error("pointer", "Use a JSON pointer, such as /title.")
        raise InvalidComment("The pointer leads nowhere.", errors=errors)
    comments = ReviewComment.objects.filter(item=item)
    parent = comments.filter(pk=read_uuid(reply_to)).first() if reply_to else None
    if reply_to and parent is None:
        raise CommentNotFound
    if comments.count() >= MAX_COMMENTS:
        raise TooManyComments
    comment: ReviewComment = ReviewComment.objects.create(
        domain_id=item.domain_id,
        item=item,
        version=item.version,
        # One level of replies: an answer to an answer belongs to the same thread.
        parent=(parent.parent or parent) if parent else None,
        pointer=parent.pointer if parent else pointer,
        body=body,
        author_id=by.user_id,
    )
    # The response names the author, and would read the row of the user again.
    comment.author = by.user  # type: ignore[assignment]
    _record("create", comment, by=by)
    return comment


@transaction.atomic
def resolve_comment(
    domain: Domain, item_id: str, comment_id: str, *, is_resolved: bool = True, by: Actor
) -> ReviewComment:
    """Mark a thread as done, or open it again. Raises ItemNotFound or CommentNotFound."""
    _authorize(by, domain, item_id)
    item = lock_item(domain, item_id)
    comments = ReviewComment.objects.filter(item=item).select_related("author", "resolver")
    comment: ReviewComment | None = comments.filter(pk=read_uuid(comment_id)).first()
    if comment is None:
        raise CommentNotFound
    # Repeating it is no error, so that a client may send it again after a lost answer.
    if (comment.resolved_at is not None) == is_resolved:
        return comment
    # The locked item has its type and domain, which the record names.
    comment.item = item
    comment.resolver = by.user if is_resolved else None  # type: ignore[assignment]
    comment.resolved_at = now() if is_resolved else None
    comment.save(update_fields=["resolver", "resolved_at"])
    _record("resolve" if is_resolved else "reopen", comment, by=by)
    return comment


def _authorize(by: Actor, domain: Domain, item_id: str) -> None:
    """Writers and reviewers comment; a reader of drafts does not."""
    authorize(
        by,
        "content.write",
        domain,
        resource_type="content_item",
        resource_id=item_id,
        hidden_as=ItemNotFound,
        extra_roles=(MemberRole.REVIEWER,),
    )


def _error(path: str, message: str) -> list[dict[str, str]]:
    return [{"path": path, "message": message}]


def _record(action: str, comment: ReviewComment, *, by: Actor) -> None:
    record(
        f"review_comment.{action}",
        "review_comment",
        str(comment.pk),
        by=by,
        tenant=comment.item.content_type.domain.name,
        contentItem=str(comment.item_id),
        pointer=comment.pointer,
    )
