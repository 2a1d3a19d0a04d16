"""The page of a form, and the receipt of a submission."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_safe

from clawstore.intake.files import FileProblem, keep_files, prepare_body
from clawstore.intake.forms import SubmissionForm
from clawstore.intake.page_stamp import TRAP, PageStamp, PageState, new_stamp, read_stamp
from clawstore.intake.payments import FIELD, can_be_paid, read_payment, sign_payment
from clawstore.intake.queries import report_of
from clawstore.sales.invoice_images import invoice_qr
from foundation.limits.middleware import caller_network
from foundation.refusals import NotFound, Refusal
from foundation.web.requests import Request
from wordclaw.content.assets.api import content_headers, send_asset
from wordclaw.forms.definitions.queries import find_public_form
from wordclaw.forms.errors import AlreadySent
from wordclaw.forms.models import FormDefinition, FormSubmission
from wordclaw.forms.submissions.actions import complete_data, submit_form
from wordclaw.forms.submissions.queries import (
    answers_of,
    find_receipt,
    find_sent_file,
    sent_data,
    sent_fields,
)
from wordclaw.forms.uploads.actions import file_fields
from wordclaw.payments.access.actions import RightMissing
from wordclaw.payments.access.api import page_reader
from wordclaw.payments.models import Payment
from wordclaw.policy.actions import STORE, find_domain
from wordclaw.policy.models import DomainKind


# The check of the token reads the body, which must not happen before `prepare_body`.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def form_page(request: Request, slug: str, scope: str = STORE) -> HttpResponse:
    """Show a form, or store what was sent with it and redirect to the receipt."""
    definition = find_public_form(find_domain(scope.lower(), request.actor), slug)
    problem = prepare_body(request, definition) if request.method == "POST" else None
    return _form_page(request, definition, problem)


@csrf_protect
def _form_page(
    request: Request, definition: FormDefinition, problem: FileProblem | None
) -> HttpResponse:
    if request.method != "POST":
        form = SubmissionForm(definition)
        form.initial = form.initial_of(request.GET.dict())
        return _show(request, definition, form, stamp=new_stamp(definition))
    if request.POST.get(TRAP):
        # Nothing is stored, and nothing tells the robot so.
        return render(request, "forms/thanks.html", {"definition": definition})
    return _receive(request, definition, SubmissionForm(definition, request.POST), problem)


def _receive(
    request: Request, definition: FormDefinition, form: SubmissionForm, problem: FileProblem | None
) -> HttpResponse:
    payment = read_payment(definition, request.POST.get(FIELD, ""))
    raw_stamp = request.POST.get("stamp", "")
    stamp = read_stamp(definition, raw_stamp)
    page_id = stamp.page_id if stamp.state is PageState.READY else ""
    problems = [problem] if problem else []
    problems += keep_files(request, definition, form, page_id=page_id)
    for file_problem in problems:
        form.add_error(file_problem.field, file_problem.message)
    if stamp.state is not PageState.READY:
        form.add_error(None, _state_words(stamp))
        # The stamp of a page that came too quickly is old enough at the next try.
        is_kept = stamp.state is PageState.TOO_QUICK
        raw_stamp = raw_stamp if is_kept else new_stamp(definition)
        return _show(request, definition, form, stamp=raw_stamp, status=422, payment=payment)
    refusal: Refusal | None = None
    if form.is_valid():
        try:
            submission = _submit(request, definition, form, stamp.page_id, payment)
            return redirect("form_receipt", submission.receipt)
        except NotFound:
            raise
        except RightMissing as error:
            return _ask_for_payment(request, definition, form, error, payment, stamp=raw_stamp)
        except AlreadySent as error:
            form.add_error(None, _("You sent this page before. Send again for a second time."))
            refusal, raw_stamp = error, new_stamp(definition)
        except Refusal as error:
            refusal = form.add_refusal(error)
    status = refusal.status if refusal else 422
    response = _show(request, definition, form, stamp=raw_stamp, status=status, payment=payment)
    if refusal and "retry_after" in refusal.details:
        response["Retry-After"] = str(refusal.details["retry_after"])
    return response


def _submit(
    request: Request,
    definition: FormDefinition,
    form: SubmissionForm,
    page_id: str,
    payment: Payment | None,
) -> FormSubmission:
    """Raises what `submit_form` raises."""
    reader = page_reader(request, request.actor)
    if payment is not None:
        reader = replace(reader, payment_id=payment.pk)
    return submit_form(
        definition.domain,
        definition.slug,
        form.data_of(),
        network=caller_network(request),
        page_id=page_id,
        reader=reader,
        by=request.actor,
    )


def _ask_for_payment(
    request: Request,
    definition: FormDefinition,
    form: SubmissionForm,
    error: RightMissing,
    payment: Payment | None,
    *,
    stamp: str,
) -> HttpResponse:
    """Show the form again with its invoice: that of before if it can still be paid."""
    if payment is not None and can_be_paid(payment):
        form.add_error(None, _("Your payment has not arrived yet. Pay, then send again."))
        return _show(request, definition, form, stamp=stamp, status=402, payment=payment)
    try:
        # Before the invoice: a mistake must not be found after the payment.
        complete_data(definition, form.data_of())
        payment = error.challenge().payment
    except Refusal as refusal:
        form.add_refusal(refusal)
        return _show(request, definition, form, stamp=stamp, status=refusal.status)
    return _show(request, definition, form, stamp=stamp, status=402, payment=payment)


def _state_words(stamp: PageStamp) -> str:
    if stamp.state is PageState.TOO_QUICK:
        return _("That was very quick. Check what you typed and send it again.")
    return _("This page was open for a long time. Check what you typed and send it again.")


def _show(
    request: Request,
    definition: FormDefinition,
    form: SubmissionForm,
    *,
    stamp: str,
    status: int = 200,
    payment: Payment | None = None,
) -> HttpResponse:
    is_waiting = payment is not None and can_be_paid(payment)
    context: dict[str, Any] = {
        # None before the form is sent the first time.
        "payment": payment,
        "signed_payment": sign_payment(definition, payment) if payment else "",
        "code": invoice_qr(payment.payment_request) if payment and is_waiting else "",
        "definition": definition,
        "form": form,
        "stamp": stamp,
        "trap": TRAP,
        "is_store": definition.domain.kind == DomainKind.STORE,
        "must_sign_in": definition.requires_sign_in and not request.actor.is_known,
        "address": request.get_full_path(),
        "has_files": bool(file_fields(definition)),
        "has_email": any(field["type"] == "email" for field in definition.fields),
    }
    return render(request, "forms/form.html", context, status=status)


@never_cache
@require_safe
def receipt(request: Request, token: str) -> HttpResponse:
    """The receipt: what was sent, its state and answers; its address is the key."""
    submission = find_receipt(token)
    data = sent_data([submission]).get(submission.pk, {})
    context = {
        "submission": submission,
        "definition": submission.form,
        "fields": sent_fields(submission.form, data),
        "answers": answers_of(submission),
        "task": submission.task,
        "report": report_of(submission),
        "is_store": submission.domain.kind == DomainKind.STORE,
    }
    response = render(request, "forms/receipt.html", context)
    # The address is the key to the page, so no other site learns it.
    response["Referrer-Policy"] = "no-referrer"
    return response


@never_cache
@require_safe
def receipt_file(request: Request, token: str, asset_id: UUID) -> HttpResponseBase:
    """A file that was sent, for the sender who knows the address of the receipt."""
    file = find_sent_file(find_receipt(token), asset_id)
    response = send_asset(file, content_headers(file))
    response["Referrer-Policy"] = "no-referrer"
    return response
