"""Submissions as lines of CSV, made while they are sent."""

import csv
from collections.abc import Iterator
from typing import Any

from foundation.actor import Actor
from foundation.clock import iso
from foundation.text.expressions import compile_text
from wordclaw.content.assets.schemas import asset_url
from wordclaw.forms.models import FormDefinition, FormSubmission
from wordclaw.forms.submissions.queries import (
    SentField,
    batches,
    files_of,
    properties_of,
    sent_data,
    sent_fields,
    submissions_of,
)

# A cell that begins with one of these is a formula for spreadsheets, which then run it.
FORMULA = r"=+\-@\x{ff1d}\x{ff0b}\x{ff0d}\x{ff20}"
BLANKS = r"[ \x{a0}\"]*"
# Where spreadsheets separate cells by semicolons, quotes after a comma are letters, so a text can
# begin a cell or a line in its middle. Blanks and quotes before a formula do not stop it.
FORMULA_START = compile_text(rf"^()([\t\r\n])|(^|[;\t\r\n])({BLANKS}[{FORMULA}])")
HEAD = ("submitted", "submission", "login", "email", "state")


class _Line:
    """A file that hands on each line instead of keeping it."""

    def write(self, text: str) -> str:
        return text


def csv_lines(form: FormDefinition, *, show: str = "all", by: Actor) -> Iterator[str]:
    """Yield the head and a line for each submission, newest first."""
    rows = submissions_of(form, show=show, by=by)
    return _lines(form, rows)


def _lines(form: FormDefinition, rows: Any) -> Iterator[str]:
    writer, properties = csv.writer(_Line()), properties_of(form)
    # Spreadsheets otherwise read the file in the encoding of the machine.
    yield "\ufeff" + writer.writerow([*HEAD, *(safe_cell(f["name"]) for f in form.fields)])
    for batch in batches(rows):
        data = sent_data(batch)
        files = files_of(properties, data.values())
        for submission in batch:
            fields = sent_fields(form, data.get(submission.pk, {}), properties, files)
            yield writer.writerow(_cells(submission, fields))


def _cells(submission: FormSubmission, fields: list[SentField]) -> list[str]:
    login = submission.submitter.username if submission.submitter else ""
    cells: list[Any] = [iso(submission.created_at), submission.pk, login, submission.email]
    cells.append("set apart" if submission.is_set_apart else submission.item.status)
    cells.extend(asset_url(field.file) if field.file else field.value for field in fields)
    return [safe_cell(cell) for cell in cells]


def safe_cell(value: Any) -> str:
    """Return the text of a cell, with an apostrophe before what could be a formula."""
    if value is None:
        return ""
    # A number cannot be a formula, and must stay one in the spreadsheet.
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    text = str(value)
    return FORMULA_START.sub(r"\3'\2\4", text)
