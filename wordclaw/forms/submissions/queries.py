"""Reads of submissions."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from foundation.refusals import InvalidParameter
from foundation.text.input import read_uuid
from wordclaw.content.models import ContentItemVersion
from wordclaw.content.rules import compiled_schema
from wordclaw.forms.errors import ReceiptNotFound, SubmissionNotFound
from wordclaw.forms.fields import Property, property_of, shown_value
from wordclaw.forms.models import FormAnswer, FormDefinition, FormSubmission
from wordclaw.policy.models import Domain
from wordclaw.workflow.models import TaskStatus

SHOWS: dict[str, Q] = {
    "open": Q(is_set_apart=False, answered_at=None)
    & (Q(task=None) | Q(task__status=TaskStatus.PENDING)),
    "done": Q(is_set_apart=False)
    & (Q(answered_at__isnull=False) | Q(task__isnull=False) & ~Q(task__status=TaskStatus.PENDING)),
    "set-apart": Q(is_set_apart=True),
    "all": Q(),
}
"""Filters of lists. Open: neither answered nor decided."""
BATCH = 200


@dataclass(frozen=True, slots=True)
class SentField:
    """A field of a submission as it was sent; ``value`` is "" if it was left empty."""

    name: str
    label: str
    value: Any

    @property
    def is_empty(self) -> bool:
        return self.value in ("", None)


def submissions_of(form: FormDefinition, *, show: str = "all") -> QuerySet[FormSubmission]:
    """Return the submissions of a form. Raises InvalidParameter for an unknown filter."""
    if show not in SHOWS:
        raise InvalidParameter(f"show is one of {', '.join(SHOWS)}.", parameter="show")
    rows: QuerySet[FormSubmission] = FormSubmission.objects.filter(SHOWS[show], form=form)
    return with_parts(rows)


def with_parts(rows: QuerySet[FormSubmission]) -> QuerySet[FormSubmission]:
    rows = rows.select_related("form__content_type", "domain", "item", "task", "submitter")
    # The item may have been edited; what was sent is its first version.
    return rows.defer("item__data")


def find_submission(domain: Domain, submission_id: str | UUID) -> FormSubmission:
    """Return a submission for an actor who was authorized. Raises SubmissionNotFound."""
    rows = with_parts(FormSubmission.objects.filter(domain=domain))
    row = rows.filter(pk=read_uuid(submission_id)).first()
    if row is None:
        raise SubmissionNotFound
    return row


def find_receipt(receipt: str) -> FormSubmission:
    """Return the submission of a receipt's address. Raises ReceiptNotFound."""
    row = with_parts(FormSubmission.objects.filter(receipt=receipt)).first()
    if row is None:
        raise ReceiptNotFound
    return row


def answers_of(submission: FormSubmission) -> list[FormAnswer]:
    answers = FormAnswer.objects.filter(submission=submission).select_related("author")
    return list(answers.order_by("created_at", "id"))


def sent_data(submissions: Iterable[FormSubmission]) -> dict[UUID, dict[str, Any]]:
    """Return what was sent by the id of the submission, in one query."""
    ids = {row.item_id: row.pk for row in submissions}
    versions = ContentItemVersion.objects.filter(item_id__in=ids, version=1)
    return {ids[key]: data for key, data in versions.values_list("item_id", "data")}


def properties_of(form: FormDefinition) -> dict[str, Property | None]:
    """Return the properties of a form's fields; None for one that the type has lost."""
    schema = compiled_schema(form.content_type)
    return {
        field["name"]: (
            property_of(schema, field["name"]) if field["name"] in schema.properties else None
        )
        for field in form.fields
    }


def sent_fields(
    form: FormDefinition,
    data: dict[str, Any],
    properties: dict[str, Property | None] | None = None,
) -> list[SentField]:
    """Return the fields of a form with what was sent, in the order of the form."""
    properties = properties_of(form) if properties is None else properties
    return [
        SentField(
            field["name"],
            field["label"],
            shown_value(data.get(field["name"], ""), properties[field["name"]]),
        )
        for field in form.fields
    ]


def batches(rows: QuerySet[FormSubmission]) -> Iterator[Sequence[FormSubmission]]:
    """Yield submissions newest first, some hundred at a time, whatever their number."""
    newest_first = rows.order_by("-created_at", "id")
    last: FormSubmission | None = None
    while True:
        part = newest_first
        if last is not None:
            part = part.filter(
                Q(created_at__lt=last.created_at) | Q(created_at=last.created_at, pk__gt=last.pk)
            )
        batch = list(part[:BATCH])
        if not batch:
            return
        yield batch
        last = batch[-1]
