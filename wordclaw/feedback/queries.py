"""Reads of feedback, its tokens and its subjects."""

from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from django.db.models import QuerySet

from foundation.clock import now
from foundation.text.input import read_uuid
from wordclaw.content.items.queries import get_item
from wordclaw.content.models import ContentItem
from wordclaw.content.paywall import require_free
from wordclaw.feedback.errors import (
    FeedbackNotFound,
    FeedbackTokenInvalid,
    RequiresPublishedSnapshot,
    SubjectNotFound,
)
from wordclaw.feedback.models import CONTENT_ITEM, ExternalFeedback, FeedbackToken
from wordclaw.policy.host import FeedbackSubject, content_host
from wordclaw.policy.models import Domain


@dataclass(frozen=True, slots=True)
class LiveSubject:
    """The subject of feedback now; ``item`` is None for a subject of the host."""

    type: str
    id: str
    item: ContentItem | None = None
    published_version: int | None = None
    subject_version: str = ""


def find_subject(domain: Domain, subject_type: str, subject_id: str) -> LiveSubject:
    """Return what feedback is about: a published item, or a subject of the host.

    Raises ItemNotFound, SubjectNotFound or RequiresPublishedSnapshot.
    """
    if subject_type == CONTENT_ITEM:
        item = get_item(domain, subject_id)
        if item.published_version is None:
            raise RequiresPublishedSnapshot
        return LiveSubject(CONTENT_ITEM, str(item.pk), item, item.published_version.version)
    found_subject = host_subject(domain, subject_type, subject_id)
    if found_subject is None:
        raise SubjectNotFound
    return LiveSubject(subject_type, subject_id, subject_version=found_subject.version)


def host_subject(domain: Domain, subject_type: str, subject_id: str) -> FeedbackSubject | None:
    find = content_host().feedback_subjects.get(subject_type)
    return find(domain.name, subject_id) if find else None


def feedback_of(
    domain: Domain, *, subject_type: str | None = None, subject_id: str | None = None
) -> QuerySet[ExternalFeedback]:
    """Return the feedback of a domain, or on one subject."""
    rows: QuerySet[ExternalFeedback] = ExternalFeedback.objects.filter(domain=domain)
    if subject_type is not None:
        rows = rows.filter(subject_type=subject_type)
    if subject_id is not None:
        rows = rows.filter(subject_id=subject_id)
    return rows.select_related("task")


def find_feedback(domain: Domain, event_id: str | UUID) -> ExternalFeedback:
    """Return a piece of feedback of a domain. Raises FeedbackNotFound."""
    row = feedback_of(domain).filter(pk=read_uuid(event_id)).first()
    if row is None:
        raise FeedbackNotFound
    return row


def tokens_of(domain: Domain) -> QuerySet[FeedbackToken]:
    tokens: QuerySet[FeedbackToken] = FeedbackToken.objects.filter(domain=domain)
    return tokens.select_related("created_by")


def digest_of(token: str) -> str:
    return sha256(token.encode("utf-8", "replace")).hexdigest()


def find_valid_token(token: str) -> FeedbackToken:
    """Return a token that works now. Raises FeedbackTokenInvalid."""
    row = find_token(token)
    is_valid = FeedbackToken.objects.filter(FeedbackToken.valid(now()), pk=row.pk).exists()
    if not is_valid:
        raise FeedbackTokenInvalid
    return row


def find_token(token: str) -> FeedbackToken:
    """Return a token that is neither revoked nor expired; it may be used up.

    Raises FeedbackTokenInvalid or PreviewPaywallUnsupported.
    """
    tokens = FeedbackToken.objects.filter(
        digest=digest_of(token), revoked_at=None, expires_at__gt=now()
    )
    row = tokens.select_related("domain", "item__content_type__domain").first()
    # The item may be deleted since.
    if row is None or (row.item is not None and row.item.deleted_at is not None):
        raise FeedbackTokenInvalid
    if row.item is not None:
        # It may have got its price after the link was sent.
        require_free(row.item)
    return row
