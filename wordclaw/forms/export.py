"""Exported tables of forms, and what belongs to one person."""

from foundation.export import PersonalDataPart, Table, rows_without
from wordclaw.forms.models import FormAnswer, FormDefinition, FormSubmission

DOMAINS = "domains"


def has_submissions() -> bool:
    """Whether there are submissions, which migrations never add."""
    exists: bool = FormSubmission.objects.exists()
    return exists


FORM_DEFINITIONS = Table(
    name="form_definitions",
    model=FormDefinition,
    order=["id"],
    private=True,
    # The host's migrations may add forms to the store's domain.
    replaces_rows=True,
    replaced_with=DOMAINS,
    has_more_than_migrated=has_submissions,
)
FORM_SUBMISSIONS = Table(name="form_submissions", model=FormSubmission, order=["id"], private=True)
FORM_ANSWERS = Table(name="form_answers", model=FormAnswer, order=["id"], private=True)

PERSONAL_DATA = (
    PersonalDataPart(
        "form_submissions",
        lambda user_id: rows_without(
            FormSubmission.objects.filter(submitter_id=user_id).order_by("created_at", "id"),
            "address_hash",
        ),
    ),
    PersonalDataPart(
        "form_answers",
        lambda user_id: rows_without(
            FormAnswer.objects.filter(author_id=user_id).order_by("created_at", "id")
        ),
    ),
)
