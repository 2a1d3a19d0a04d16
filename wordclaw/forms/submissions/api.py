"""JSON endpoints of submissions."""

from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from ninja import Router

from foundation.access.api import public_write, signed_in
from foundation.limits.middleware import caller_network
from foundation.paging import fetch_page, read_limit
from foundation.web.responses import json_response
from wordclaw.forms.definitions.queries import find_form
from wordclaw.forms.submissions import actions
from wordclaw.forms.submissions.csv_rows import csv_lines
from wordclaw.forms.submissions.queries import (
    answers_of,
    find_submission,
    sent_data,
    submissions_of,
)
from wordclaw.forms.submissions.schemas import (
    AnswerIn,
    AnswerOut,
    ReceiptOut,
    SubmissionDetail,
    SubmissionIn,
    SubmissionOut,
    SubmissionPage,
    answer_out,
    receipt_out,
    submission_out,
)
from wordclaw.payments.access.actions import RightMissing
from wordclaw.payments.access.api import reader_of
from wordclaw.policy.actions import authorize, find_domain
from wordclaw.policy.models import Domain
from wordclaw.policy.queries import NEWEST_FIRST
from wordclaw.requests.api import (
    READ,
    WRITE,
    Answer,
    actor_of,
    cursor_errors,
    is_dry_run,
    page_response,
    write,
)

router = Router(tags=["forms"])
FORM = "/domains/{domain}/forms/{slug}"
SUBMISSION = "/domains/{domain}/form-submissions/{submission_id}"


@router.post(
    FORM + "/submissions",
    auth=public_write,
    throttle=WRITE,
    response={201: ReceiptOut},
    summary="Send a form",
    description=(
        "A form with a price answers 402 with an invoice and a token, before it looks at the "
        "fields. Pay, and send it again with Authorization: L402 TOKEN:PREIMAGE."
    ),
    openapi_extra={"responses": {402: {"description": "An invoice and a token"}}},
)
def submit(request: HttpRequest, domain: str, slug: str, body: SubmissionIn) -> HttpResponse:
    try:
        return _submit(request, domain, slug, body)
    except RightMissing as error:
        # After the transaction, because the provider is asked for an invoice.
        raise error.refusal(with_invoice=not is_dry_run(request)) from None


@write
def _submit(request: HttpRequest, domain: str, slug: str, body: SubmissionIn) -> Answer:
    by = actor_of(request)
    submission = actions.submit_form(
        find_domain(domain, by),
        slug,
        body.data,
        network=caller_network(request),
        reader=reader_of(request, by),
        by=by,
    )
    return Answer(
        receipt_out(submission),
        status=201,
        new_keys=frozenset({"reviewTaskId"}),
        # Who has it reads what was sent.
        secret_keys=frozenset({"receipt"}),
    )


def _authorized(request: HttpRequest, domain: str, resource_id: str) -> Domain:
    by = actor_of(request)
    tenant = find_domain(domain, by)
    authorize(by, "content.read", tenant, resource_type="form_submission", resource_id=resource_id)
    return tenant


@router.get(
    FORM + "/submissions",
    auth=signed_in,
    throttle=READ,
    response=SubmissionPage,
    summary="Submissions of a form, newest first",
)
@cursor_errors
def list_submissions(
    request: HttpRequest,
    domain: str,
    slug: str,
    show: str = "all",
    limit: str | None = None,
    cursor: str | None = None,
) -> HttpResponse:
    form = find_form(_authorized(request, domain, slug), slug)
    rows = submissions_of(form, show=show, by=actor_of(request))
    page = fetch_page(
        rows, NEWEST_FIRST, limit=read_limit(limit), cursor=cursor, name=f"submissions {show}"
    )
    data = sent_data(page.items)
    rows_out = [submission_out(row, data.get(row.pk, {})) for row in page.items]
    return page_response(rows_out, page.next_cursor)


@router.get(
    FORM + "/submissions.csv",
    auth=signed_in,
    throttle=READ,
    summary="Submissions of a form as CSV",
)
def export_submissions(
    request: HttpRequest, domain: str, slug: str, show: str = "all"
) -> StreamingHttpResponse:
    form = find_form(_authorized(request, domain, slug), slug)
    return csv_response(csv_lines(form, show=show, by=actor_of(request)), f"{form.slug}.csv")


def csv_response(lines: Iterator[str], name: str) -> StreamingHttpResponse:
    """A download that is made while it is sent, however long it is."""
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


@router.get(
    SUBMISSION,
    auth=signed_in,
    throttle=READ,
    response=SubmissionDetail,
    summary="One submission with its answers",
)
def get_submission(request: HttpRequest, domain: str, submission_id: str) -> HttpResponse:
    submission = find_submission(_authorized(request, domain, submission_id), submission_id)
    data = sent_data([submission]).get(submission.pk, {})
    answers = [answer_out(answer) for answer in answers_of(submission)]
    return json_response(submission_out(submission, data) | {"answers": answers})


@router.post(
    SUBMISSION + "/answers",
    auth=signed_in,
    throttle=WRITE,
    response={201: AnswerOut},
    summary="Answer the submitter",
)
@write
def answer(request: HttpRequest, domain: str, submission_id: str, body: AnswerIn) -> Answer:
    by = actor_of(request)
    row = actions.answer_submission(find_domain(domain, by), submission_id, body=body.body, by=by)
    return Answer(answer_out(row), status=201)


@router.post(
    SUBMISSION + "/take-in",
    auth=signed_in,
    throttle=WRITE,
    response=SubmissionOut,
    summary="Move a submission that was set apart to the others",
)
@write
def take_in(request: HttpRequest, domain: str, submission_id: str) -> Answer:
    by = actor_of(request)
    row = actions.take_in(find_domain(domain, by), submission_id, by=by)
    return Answer(submission_out(row, sent_data([row]).get(row.pk, {})))
