"""Giving feedback, and the links of people without an account."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import F

from foundation.actor import Actor
from foundation.audit.actions import record
from foundation.clock import now
from foundation.limits.actions import count_use
from foundation.limits.declarations import get_limit
from foundation.text.input import read_uuid
from wordclaw.content.errors import ItemNotFound
from wordclaw.content.paywall import require_free
from wordclaw.feedback.errors import (
    AgentDirectForbidden,
    EmptyFeedback,
    FeedbackTokenInvalid,
    FeedbackTokenNotFound,
    InvalidFeedback,
    PromptRequired,
    TooManyTokens,
)
from wordclaw.feedback.limits import LINK
from wordclaw.feedback.models import (
    ACTOR_ID_LENGTH,
    COMMENT_LENGTH,
    NAME_LENGTH,
    PROMPT_LENGTH,
    SOURCE_LENGTH,
    ExternalFeedback,
    FeedbackDecision,
    FeedbackToken,
    RefinementMode,
)
from wordclaw.feedback.queries import (
    LiveSubject,
    digest_of,
    find_subject,
    find_valid_token,
    tokens_of,
)
from wordclaw.policy.actions import authorize
from wordclaw.policy.models import Domain
from wordclaw.workflow.reviews.actions import open_feedback_task

MIN_TTL, MAX_TTL = 60, 30 * 24 * 3600
DEFAULT_TTL = 7 * 24 * 3600
MAX_USES = 1000
MAX_TOKENS = 1000
"""Valid tokens of one domain."""
TOKEN_PREFIX = "fb_"  # noqa: S105 - marks a token, and is none


@dataclass(frozen=True, slots=True)
class Submitter:
    """A person without an account, as the domain names them."""

    actor_id: str
    display_name: str = ""
    email: str = ""
    source: str = ""

    def columns(self) -> dict[str, str]:
        return {
            "actor_id": self.actor_id,
            "actor_display_name": self.display_name,
            "actor_email": self.email,
            "actor_source": self.source,
        }


@dataclass(frozen=True, slots=True)
class FeedbackText:
    """The words about a subject; at least one part is given."""

    decision: str = ""
    comment: str = ""
    prompt: str = ""
    mode: str = ""

    @property
    def wants_changes(self) -> bool:
        return self.decision == FeedbackDecision.CHANGES_REQUESTED or bool(self.prompt)


def checked_text(text: FeedbackText, *, allows_agent_direct: bool = True) -> FeedbackText:
    """Return the feedback with trimmed texts.

    Raises InvalidFeedback, AgentDirectForbidden, PromptRequired or EmptyFeedback.
    """
    comment, prompt = (part.replace("\r\n", "\n").strip() for part in (text.comment, text.prompt))
    errors = []
    if text.decision and text.decision not in FeedbackDecision.values:
        errors.append(_error("decision", f"Use {' or '.join(FeedbackDecision.values)}."))
    if text.mode and text.mode not in RefinementMode.values:
        errors.append(_error("refinementMode", f"Use {' or '.join(RefinementMode.values)}."))
    for path, part, length in (
        ("comment", comment, COMMENT_LENGTH),
        ("prompt", prompt, PROMPT_LENGTH),
    ):
        if len(part) > length:
            errors.append(_error(path, f"Use up to {length:,} characters."))
    if errors:
        raise InvalidFeedback(errors=errors)
    if text.mode == RefinementMode.AGENT_DIRECT:
        if not allows_agent_direct:
            raise AgentDirectForbidden
        if not prompt:
            raise PromptRequired
    if not (text.decision or comment or prompt):
        raise EmptyFeedback
    return FeedbackText(text.decision, comment, prompt, text.mode or "human_supervised")


def checked_submitter(submitter: Submitter) -> Submitter:
    """Return the person with trimmed names. Raises InvalidFeedback."""
    errors = []
    values = (
        ("actorId", submitter.actor_id, ACTOR_ID_LENGTH),
        ("displayName", submitter.display_name, NAME_LENGTH),
        ("source", submitter.source, SOURCE_LENGTH),
    )
    for path, value, length in values:
        if len(value) > length or (path == "actorId" and not value.strip()):
            errors.append(_error(f"submitter.{path}", f"Use 1 to {length} characters."))
    if submitter.email:
        try:
            validate_email(submitter.email)
        except ValidationError:
            errors.append(_error("submitter.email", "Enter an email address."))
    if errors:
        raise InvalidFeedback(errors=errors)
    return submitter


def _error(path: str, message: str) -> dict[str, str]:
    return {"path": path, "pointer": "/" + path.replace(".", "/"), "message": message}


@transaction.atomic
def record_feedback(
    domain: Domain,
    subject_type: str,
    subject_id: str,
    *,
    text: FeedbackText,
    submitter: Submitter,
    by: Actor,
) -> ExternalFeedback:
    """Store what a person without an account told a member.

    Raises ItemNotFound, SubjectNotFound, RequiresPublishedSnapshot and what the checks raise.
    """
    _authorize(by, domain, subject_type, subject_id)
    text, submitter = checked_text(text), checked_submitter(submitter)
    subject = find_subject(domain, subject_type, subject_id)
    return _store(domain, subject, text, submitter.columns(), recorded_by=by.user_id, by=by)


@transaction.atomic
def give_feedback(token: str, text: FeedbackText, *, network: str, by: Actor) -> ExternalFeedback:
    """Store the feedback of the person who has a token, on the version that they saw.

    Raises FeedbackTokenInvalid, RateLimited, RequiresPublishedSnapshot and what the checks raise.
    """
    if settings.LIMITS_ON:
        count_use(get_limit("feedback"), network).require_within_limit()
    row = find_valid_token(token)
    if settings.LIMITS_ON:
        count_use(get_limit(LINK), str(row.pk)).require_within_limit()
    text = checked_text(text, allows_agent_direct=row.allows_agent_direct)
    # It must still be live; the feedback is on the version that the link shows.
    live = find_subject(row.domain, row.subject_type, row.subject_id)
    # One condition for all: of two uses at once of a token for one use, the second finds none.
    is_used = FeedbackToken.objects.filter(FeedbackToken.valid(now()), pk=row.pk).update(
        used_count=F("used_count") + 1
    )
    if not is_used:
        raise FeedbackTokenInvalid
    subject = LiveSubject(
        row.subject_type, row.subject_id, live.item, row.published_version, row.subject_version
    )
    requester = Submitter(row.actor_id, row.actor_display_name, row.actor_email, row.actor_source)
    return _store(row.domain, subject, text, requester.columns(), token=row, by=by)


def _store(
    domain: Domain,
    subject: LiveSubject,
    text: FeedbackText,
    requester: dict[str, str],
    *,
    token: FeedbackToken | None = None,
    recorded_by: UUID | None = None,
    by: Actor,
) -> ExternalFeedback:
    event = ExternalFeedback(
        domain=domain,
        item=subject.item,
        published_version=subject.published_version,
        subject_type=subject.type,
        subject_id=subject.id,
        subject_version=subject.subject_version,
        decision=text.decision,
        comment=text.comment,
        prompt=text.prompt,
        refinement_mode=text.mode,
        token=token,
        recorded_by_id=recorded_by,
        **requester,
    )
    if text.wants_changes:
        is_item = subject.item is not None
        event.task = open_feedback_task(
            domain,
            subject.item,
            event_id=event.pk,
            version=subject.published_version or 0,
            subject=("", "") if is_item else (subject.type, subject.id),
            message=text.comment or text.prompt,
            by=by,
        )
    event.save(force_insert=True)
    record(
        "external_feedback.create",
        "external_feedback",
        str(event.pk),
        by=by,
        tenant=domain.name,
        subjectType=subject.type,
        subject=subject.id,
        decision=text.decision,
    )
    if text.mode == RefinementMode.AGENT_DIRECT:
        _request_revision(event, by=by)
    return event


def _request_revision(event: ExternalFeedback, *, by: Actor) -> None:
    """Tell the domain's own agent, by its webhooks; no model is called here."""
    record(
        f"{event.subject_type}.revision_requested",
        event.subject_type,
        event.subject_id,
        by=by,
        tenant=event.domain.name,
        feedback=str(event.pk),
    )


@transaction.atomic
def issue_token(
    domain: Domain,
    subject_type: str,
    subject_id: str,
    *,
    submitter: Submitter,
    ttl_seconds: int = DEFAULT_TTL,
    allows_agent_direct: bool = False,
    max_uses: int | None = None,
    by: Actor,
) -> tuple[FeedbackToken, str]:
    """Return a token for a person without an account, and its secret.

    Raises ItemNotFound, SubjectNotFound, RequiresPublishedSnapshot, PreviewPaywallUnsupported,
    InvalidFeedback or TooManyTokens.
    """
    _authorize(by, domain, subject_type, subject_id)
    checked_submitter(submitter)
    errors = []
    if not MIN_TTL <= ttl_seconds <= MAX_TTL:
        errors.append(_error("ttlSeconds", f"Use {MIN_TTL} to {MAX_TTL:,} seconds."))
    if max_uses is not None and not 1 <= max_uses <= MAX_USES:
        errors.append(_error("uses", f"Use 1 to {MAX_USES:,}."))
    if errors:
        raise InvalidFeedback(errors=errors)
    subject = find_subject(domain, subject_type, subject_id)
    if subject.item is not None:
        require_free(subject.item)
    if tokens_of(domain).filter(FeedbackToken.valid(now())).count() >= MAX_TOKENS:
        raise TooManyTokens
    secret = TOKEN_PREFIX + secrets.token_urlsafe(24)
    token: FeedbackToken = FeedbackToken.objects.create(
        domain=domain,
        item=subject.item,
        published_version=subject.published_version,
        subject_type=subject.type,
        subject_id=subject.id,
        subject_version=subject.subject_version,
        digest=digest_of(secret),
        allows_agent_direct=allows_agent_direct,
        max_uses=max_uses,
        expires_at=now() + timedelta(seconds=ttl_seconds),
        created_by_id=by.user_id,
        **submitter.columns(),
    )
    _record_token("create", token, by=by)
    return token, secret


@transaction.atomic
def revoke_token(domain: Domain, token_id: str, *, by: Actor) -> FeedbackToken:
    """Make a token useless. Raises FeedbackTokenNotFound."""
    authorize(
        by,
        "content.write",
        domain,
        resource_type="external_feedback_token",
        resource_id=token_id,
        hidden_as=FeedbackTokenNotFound,
    )
    tokens = tokens_of(domain).select_for_update(of=("self",))
    token = tokens.filter(pk=read_uuid(token_id)).first()
    if token is None:
        raise FeedbackTokenNotFound
    # Repeating it is no error, so that a client may send it again after a lost answer.
    if token.revoked_at is None:
        token.revoked_at = now()
        token.save(update_fields=["revoked_at"])
        _record_token("revoke", token, by=by)
    return token


def _authorize(by: Actor, domain: Domain, subject_type: str, subject_id: str) -> None:
    authorize(
        by,
        "content.write",
        domain,
        resource_type=subject_type[:32],
        resource_id=subject_id,
        hidden_as=ItemNotFound,
    )


def _record_token(action: str, token: FeedbackToken, *, by: Actor) -> None:
    record(
        f"external_feedback_token.{action}",
        "external_feedback_token",
        str(token.pk),
        by=by,
        tenant=token.domain.name,
        subjectType=token.subject_type,
        subject=token.subject_id,
    )
