"""Reads of submissions."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext

from foundation.actor import Actor
from foundation.refusals import InvalidParameter
from foundation.text.input import read_uuid
from foundation.text.labels import humanized
from wordclaw.content.assets.errors import ContentAssetNotFound
from wordclaw.content.models import Asset, ContentItemVersion
from wordclaw.content.rules import compiled_schema
from wordclaw.forms.errors import ReceiptNotFound, SubmissionNotFound
from wordclaw.forms.fields import Property, property_of, shown_value
from wordclaw.forms.models import FormAnswer, FormDefinition, FormSubmission
from wordclaw.policy.hidden import without_hidden
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
    """A field of a submission as it was sent; ``value`` is "" if it was left empty.

    For a file, it is the name; ``file`` is None if the file was deleted since.
    """

    name: str
    label: str
    value: Any
    file: Asset | None = None
    is_file: bool = False

    @property
    def is_empty(self) -> bool:
        return self.value in ("", None)


def submissions_of(
    form: FormDefinition, *, show: str = "all", by: Actor
) -> QuerySet[FormSubmission]:
    """Return the submissions of a form that a member may see.

    Raises InvalidParameter for an unknown filter.
    """
    if show not in SHOWS:
        raise InvalidParameter(f"show is one of {', '.join(SHOWS)}.", parameter="show")
    rows: QuerySet[FormSubmission] = FormSubmission.objects.filter(SHOWS[show], form=form)
    return with_parts(without_hidden(rows, "item_id", form.domain, by))


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
    files: dict[str, Asset] | None = None,
) -> list[SentField]:
    """Return the fields of a form with what was sent, in the order of the form.

    ``properties`` and ``files`` save queries where many submissions are shown.
    """
    properties = properties_of(form) if properties is None else properties
    files = files_of(properties, [data]) if files is None else files
    return [_sent_field(field, data, properties[field["name"]], files) for field in form.fields]


def _sent_field(
    field: dict[str, Any], data: dict[str, Any], prop: Property | None, files: dict[str, Asset]
) -> SentField:
    name = field["name"]
    # As the page of the form labels it.
    label = field["label"] or humanized(name)
    value = shown_value(data.get(name, ""), prop)
    if prop is None or prop.kind != "file" or value == "":
        return SentField(name, label, value)
    file = files.get(_asset_id(value))
    return SentField(name, label, file.name if file else gettext("deleted"), file, is_file=True)


def files_of(
    properties: dict[str, Property | None], documents: Iterable[dict[str, Any]]
) -> dict[str, Asset]:
    """Return the files that documents of a form refer to, by ID, in one query."""
    names = [name for name, prop in properties.items() if prop and prop.kind == "file"]
    values = [shown_value(data.get(name), properties[name]) for data in documents for name in names]
    ids = {asset_id for asset_id in map(_asset_id, values) if asset_id}
    if not ids:
        return {}
    assets = Asset.objects.alive().filter(pk__in=ids, is_submitted=True).select_related("domain")
    return {str(asset.pk): asset for asset in assets}


def _asset_id(value: Any) -> str:
    return str(value.get("assetId", "")) if isinstance(value, dict) else ""


def find_sent_file(submission: FormSubmission, asset_id: str | UUID) -> Asset:
    """Return a file that was sent with a submission. Raises ContentAssetNotFound."""
    data = sent_data([submission]).get(submission.pk, {})
    files = files_of(properties_of(submission.form), [data])
    file = files.get(str(read_uuid(asset_id)))
    if file is None:
        raise ContentAssetNotFound
    return file


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
