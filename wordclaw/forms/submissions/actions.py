"""Receiving a submission, and answering it.

The order of the checks is part of the contract: the form is active, limits, payment, unknown
fields, required fields, defaults, the schema of the type. Item, review task, events and receipt are
then written in one transaction.
"""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from foundation.actor import Actor
from foundation.audit.actions import record
from foundation.limits.actions import count_use
from foundation.limits.declarations import get_limit
from foundation.text.input import read_uuid
from wordclaw.content.errors import ItemDoesNotFit
from wordclaw.content.items.actions import add_item
from wordclaw.content.models import ContentItem
from wordclaw.content.models.items import DRAFT, IN_REVIEW
from wordclaw.content.rules import compiled_schema
from wordclaw.content.space import require_domain_space, size_of
from wordclaw.content.work import charged
from wordclaw.forms.definitions.queries import find_active_form
from wordclaw.forms.errors import (
    AlreadySent,
    InvalidAnswer,
    PaymentUnavailable,
    RequiredFieldMissing,
    SubmissionNotFound,
    TooManyAnswers,
    TooManyVisitors,
    UnknownSubmissionFields,
)
from wordclaw.forms.fields import (
    Property,
    is_blank,
    property_of,
    stored_value,
    upload_id_of,
    value_error,
)
from wordclaw.forms.limits import CEILING, FLOOD, FORM, SENT
from wordclaw.forms.models import ANSWER_LENGTH, FormAnswer, FormDefinition, FormSubmission
from wordclaw.forms.sales import form_gate
from wordclaw.forms.submissions.queries import find_submission, sent_data, with_parts
from wordclaw.forms.uploads.actions import attach_uploads, file_fields, sender_of
from wordclaw.payments.access.actions import RightMissing, require_right, use_right
from wordclaw.payments.access.credentials import Reader
from wordclaw.payments.offers.queries import active_offers
from wordclaw.policy.actions import authorize
from wordclaw.policy.models import Domain
from wordclaw.schema import pointers
from wordclaw.workflow.models import TaskSource
from wordclaw.workflow.reviews.actions import open_task

MAX_ANSWERS = 50


@dataclass(frozen=True, slots=True)
class FieldError:
    """A problem of one field, as the schema's errors are."""

    name: str
    message: str

    def as_json(self) -> dict[str, str]:
        pointer = f"/{pointers.escape(self.name)}"
        return {"pointer": pointer, "message": self.message, "keyword": "form"}


@charged
@transaction.atomic
def submit_form(
    domain: Domain,
    slug: str,
    data: dict[str, Any],
    *,
    network: str,
    page_id: str | None = None,
    reader: Reader | None = None,
    by: Actor,
) -> FormSubmission:
    """Store a submission of a form.

    ``network`` identifies where a sender without an account comes from; ``page_id`` the page that
    was sent, whose second sending returns the first submission; ``reader`` the sender of a form
    with a price, whose right is used up in the same transaction. Raises FormNotFound,
    Unauthenticated, RateLimited, PaymentUnavailable, RightMissing or a refusal of a token,
    UnknownSubmissionFields, RequiredFieldMissing, ItemDoesNotFit, AlreadySent or a refusal of a
    reference.
    """
    form = find_active_form(domain, slug)
    if form.requires_sign_in:
        by.require_user()
    _count_sender(form, network, by)
    reader = reader or Reader(by=by, network=network, path="")
    if form.requires_payment and not _is_sent(form, page_id):
        _require_payable(form)
        require_right(form_gate(form), reader)
    uploads = _uploads_of(form, data)
    data = complete_data(form, data)
    if earlier := _sent_earlier(form, data, page_id):
        return earlier
    is_set_apart = _is_flood(form, by)
    try:
        with transaction.atomic():
            if form.requires_payment:
                use_right(form_gate(form), reader)
            _attach(form, uploads, by=by)
            return _store(form, data, page_id=page_id, is_set_apart=is_set_apart, by=by)
    except (IntegrityError, RightMissing):
        # The same page was sent twice at once, and the other request was first.
        if earlier := _sent_earlier(form, data, page_id):
            return earlier
        raise


def _is_sent(form: FormDefinition, page_id: str | None) -> bool:
    """Whether a page was sent before, and so was paid for."""
    submissions = FormSubmission.objects.filter(form=form, page_id=page_id)
    return page_id is not None and submissions.exists()


def _require_payable(form: FormDefinition) -> None:
    """Raise PaymentUnavailable if the price of a form has no offer."""
    if not active_offers(form.domain.name, form_gate(form).subjects):
        raise PaymentUnavailable


def _sent_earlier(
    form: FormDefinition, data: dict[str, Any], page_id: str | None
) -> FormSubmission | None:
    """Return the submission of a page that was sent before. Raises AlreadySent."""
    if page_id is None:
        return None
    rows = with_parts(FormSubmission.objects.filter(form=form, page_id=page_id))
    submission: FormSubmission | None = rows.first()
    if submission is not None and sent_data([submission]).get(submission.pk) != data:
        raise AlreadySent
    return submission


def _count_sender(form: FormDefinition, network: str, by: Actor) -> None:
    """Raise RateLimited for a sender over the limit of this form."""
    if settings.LIMITS_ON:
        sender = f"{form.pk}:{sender_of(network, by)}"
        # Attempts first: they cost no write, and the second count is undone if nothing is stored.
        count_use(get_limit(FORM), sender).require_within_limit()
        count_use(get_limit(SENT), sender).require_within_limit()


def _is_flood(form: FormDefinition, by: Actor) -> bool:
    """Whether there are too many senders without an account; far too many are refused.

    Raises RateLimited.
    """
    # People with an account are told apart, so they are never taken for a part of a flood.
    if by.is_known or not settings.LIMITS_ON:
        return False
    usage = count_use(get_limit(CEILING), str(form.pk))
    if usage.used_units > usage.limit.max_units:
        raise TooManyVisitors(usage)
    return usage.used_units > get_limit(FLOOD).max_units


def complete_data(form: FormDefinition, data: dict[str, Any]) -> dict[str, Any]:
    """Return the data of the item. Raises a refusal of the first check that fails."""
    names = [field["name"] for field in form.fields]
    if strangers := [name for name in data if name not in names]:
        raise UnknownSubmissionFields(fields=strangers[:100])
    # Before the defaults: what a person has to say must not be said for them.
    values = {name: value for name, value in data.items() if not is_blank(value)}
    absent_names = [f["name"] for f in form.fields if f["required"] and f["name"] not in values]
    if absent_names:
        raise RequiredFieldMissing(fields=absent_names)
    defaults = {f["name"]: f["default"] for f in form.fields if "default" in f}
    schema = compiled_schema(form.content_type)
    errors = []
    item_data = dict(form.default_data)
    for name, value in (defaults | values).items():
        prop = property_of(schema, name) if name in schema.properties else None
        if prop is None:
            # The type has changed since; its schema says below whether the value fits.
            item_data[name] = value
            continue
        if message := _error_of(form, name, value):
            errors.append(FieldError(name, message))
        item_data[name] = stored_value(_clean(value, prop), prop)
    if errors:
        raise ItemDoesNotFit(errors=[error.as_json() for error in errors])
    return item_data


def _uploads_of(form: FormDefinition, data: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the names of the fields with a file, and the IDs of their uploads."""
    sent_ids = ((name, upload_id_of(data.get(name))) for name in file_fields(form))
    return [(name, upload_id) for name, upload_id in sent_ids if upload_id]


def _attach(form: FormDefinition, uploads: list[tuple[str, str]], *, by: Actor) -> None:
    """Make assets of the uploads. Raises ItemDoesNotFit for a deleted one."""
    if lost_fields := attach_uploads(form, uploads, by=by):
        message = "This file is not here any more. Attach it again."
        errors = [FieldError(name, message).as_json() for name in lost_fields]
        raise ItemDoesNotFit(errors=errors)


def _error_of(form: FormDefinition, name: str, value: Any) -> str:
    field = next(field for field in form.fields if field["name"] == name)
    is_checked = isinstance(value, str) or field["type"] == "file"
    return value_error(field, value) if is_checked else ""


def _clean(value: Any, prop: Property) -> Any:
    if not isinstance(value, str):
        return value
    # Browsers send line ends of Windows, which count as two characters.
    value = value.replace("\r\n", "\n")
    return value.strip() if prop.kind in ("email", "url", "date") else value


def _store(
    form: FormDefinition,
    data: dict[str, Any],
    *,
    page_id: str | None,
    is_set_apart: bool,
    by: Actor,
) -> FormSubmission:
    if not by.is_known:
        # That of an account is checked with its own limits when the version is stored.
        require_domain_space(form.domain_id, size_of(data))
    transition = _active_transition(form) if not is_set_apart else None
    # The review itself puts the item in review, and must not find it there.
    is_plain = transition is None or form.submission_status != IN_REVIEW
    status = form.submission_status if is_plain else DRAFT
    item = add_item(form.content_type, data, message=form.name, status=status, by=by)
    submission = FormSubmission(
        domain_id=form.domain_id,
        form=form,
        item=item,
        submitter_id=by.user_id,
        email=_email_of(form, data),
        address_hash=by.address_hash,
        is_set_apart=is_set_apart,
        page_id=page_id,
    )
    if transition is not None:
        submission.task = open_task(
            item,
            transition,
            from_state=status,
            message=form.name,
            source=TaskSource.FORM,
            source_event_id=submission.pk,
            by=by,
        )
    submission.save(force_insert=True)
    _record_submission(submission, item, by=by)
    return submission


def _active_transition(form: FormDefinition) -> Any:
    transition = form.transition
    # A retired workflow decides nothing; the submission itself must not be lost for that.
    return transition if transition is not None and transition.workflow.is_active else None


def _email_of(form: FormDefinition, data: dict[str, Any]) -> str:
    """Return the address that was typed in the first field for one, or ""."""
    names = (field["name"] for field in form.fields if field["type"] == "email")
    values = (data.get(name) for name in names)
    return next((value for value in values if isinstance(value, str)), "")[:254]


def _record_submission(submission: FormSubmission, item: ContentItem, *, by: Actor) -> None:
    form = submission.form
    # A flood must not become a flood of emails and webhooks.
    record(
        "form.set_apart" if submission.is_set_apart else "form.submitted",
        "form_submission",
        str(submission.pk),
        by=by,
        tenant=form.domain.name,
        form=form.slug,
        formId=str(form.pk),
        contentType=form.content_type.slug,
        contentItem=str(item.pk),
    )


@transaction.atomic
def answer_submission(domain: Domain, submission_id: str, *, body: str, by: Actor) -> FormAnswer:
    """Answer the submitter, who reads it at the receipt and by email.

    Raises SubmissionNotFound, InvalidAnswer or TooManyAnswers.
    """
    authorize(
        by,
        "content.write",
        domain,
        resource_type="form_submission",
        resource_id=submission_id,
        hidden_as=SubmissionNotFound,
    )
    submission = _lock(domain, submission_id)
    body = body.replace("\r\n", "\n").strip()
    if not body or len(body) > ANSWER_LENGTH:
        message = f"Write a text of up to {ANSWER_LENGTH:,} characters."
        raise InvalidAnswer(errors=[{"path": "body", "message": message}])
    if submission.answers.count() >= MAX_ANSWERS:
        raise TooManyAnswers
    answer: FormAnswer = FormAnswer.objects.create(
        submission=submission, body=body, author_id=by.user_id
    )
    answer.author = by.user  # type: ignore[assignment]
    submission.answered_at = answer.created_at
    submission.save(update_fields=["answered_at"])
    _record("answer", submission, by=by, answer=str(answer.pk))
    return answer


@transaction.atomic
def take_in(domain: Domain, submission_id: str, *, by: Actor) -> FormSubmission:
    """Move a submission that was set apart to the others. Raises SubmissionNotFound."""
    authorize(
        by,
        "content.write",
        domain,
        resource_type="form_submission",
        resource_id=submission_id,
        hidden_as=SubmissionNotFound,
    )
    submission = _lock(domain, submission_id)
    if not submission.is_set_apart:
        return submission
    submission.is_set_apart = False
    transition = _active_transition(submission.form)
    if transition is not None and submission.item.status == submission.form.submission_status:
        submission.task = open_task(
            submission.item,
            transition,
            from_state=submission.item.status,
            message=submission.form.name,
            source=TaskSource.FORM,
            source_event_id=submission.pk,
            by=Actor(door=by.door, request_id=by.request_id),
        )
    submission.save(update_fields=["is_set_apart", "task"])
    _record("take_in", submission, by=by)
    return submission


def _lock(domain: Domain, submission_id: str) -> FormSubmission:
    rows = FormSubmission.objects.select_for_update(of=("self",), no_key=True)
    if rows.filter(domain=domain, pk=read_uuid(submission_id)).first() is None:
        raise SubmissionNotFound
    return find_submission(domain, submission_id)


def _record(action: str, submission: FormSubmission, *, by: Actor, **details: Any) -> None:
    record(
        f"form_submission.{action}",
        "form_submission",
        str(submission.pk),
        by=by,
        tenant=submission.domain.name,
        form=submission.form.slug,
        **details,
    )
