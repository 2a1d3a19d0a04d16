"""Report form and receipt."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from foundation.limits.middleware import consume_limit
from foundation.notices.queries import wants_notice
from foundation.notices.rules import may_be_emailed
from foundation.refusals import Refusal
from foundation.web.forms import add_refusal, form_page
from foundation.web.htmx import announce, is_htmx, show_page
from foundation.web.requests import Request
from moderation.actions import report_once
from moderation.models import Report
from moderation.queries import report_for_receipt
from moderation.reports.forms import ReportForm
from registry.agents.addresses import redirect_to_lowercase
from registry.agents.queries import find_agent, find_version, find_visible_agent
from registry.models import Agent, Version
from reviews.models import Review
from reviews.queries import find_review

READ_AND_WRITE = ["GET", "HEAD", "POST"]
LONGEST_PATH = 1024


# A delisted agent can be reported too, because its versions are still installed.
@never_cache
@require_http_methods(READ_AND_WRITE)
@redirect_to_lowercase
def report_agent(request: Request, scope: str, name: str) -> HttpResponse:
    return _report(request, find_agent(scope, name))


@never_cache
@require_http_methods(READ_AND_WRITE)
@redirect_to_lowercase
def report_version(request: Request, scope: str, name: str, version: str) -> HttpResponse:
    agent = find_agent(scope, name)
    return _report(request, agent, version=find_version(agent, version))


@never_cache
@require_http_methods(READ_AND_WRITE)
@redirect_to_lowercase
def report_review(request: Request, scope: str, name: str, review_id: str) -> HttpResponse:
    agent = find_visible_agent(scope, name, by=request.actor)
    return _report(request, agent, review=find_review(agent, review_id))


def _report(
    request: Request, agent: Agent, *, version: Version | None = None, review: Review | None = None
) -> HttpResponse:
    """Show the form, or report and redirect to the receipt.

    A form sent twice leads to the same receipt.
    """
    # The page of a file or a text leads here with its path, so that the report names it.
    path, page = (request.GET.get(name, "")[:LONGEST_PATH] for name in ("file", "page"))
    initial = {"details": f"{path}, line " if path else f"{page}: "} if path or page else None
    fields = request.POST if request.method == "POST" else None
    form = ReportForm(fields, initial=initial, is_about_review=review is not None)
    refusal = None
    if form.is_bound and form.is_valid():
        try:
            consume_limit(request, "report", request.actor)
            report = report_once(
                agent,
                version_id=version.pk if version else None,
                review_id=review.pk if review else None,
                by=request.actor,
                **form.cleaned_data,
            )
            return _receipt_response(request, report)
        except Refusal as error:
            refusal = add_refusal(form, error)
    context = {
        "agent": agent,
        "version": version,
        "review": review,
        "form": form,
        "address": request.path,
        "in_place": _is_in_place(request),
    }
    return form_page(request, "moderation/reports/report.html", context, refusal)


def _is_in_place(request: Request) -> bool:
    """Whether htmx shows the form within another page, such as the list of reviews."""
    return is_htmx(request) and request.htmx.current_url_abs_path != request.path


def _receipt_response(request: Request, report: Report) -> HttpResponse:
    """Redirect to the receipt; htmx within another page gets a notice with a link."""
    if not is_htmx(request):
        return redirect("report_receipt", report.pk)
    message = gettext("We received your report.")
    if _is_in_place(request):
        fragment = render(request, "moderation/reports/receipt.html#sent", {"report": report})
        return announce(fragment, message)
    address = reverse("report_receipt", args=[report.pk])
    return show_page(request, receipt_page(request, report), address=address, message=message)


@never_cache
@require_safe
def receipt(request: Request, report_id: UUID) -> HttpResponse:
    """The receipt of a report: status, next steps and outcome.

    Only reporter and maintainers know its address, and it shows nothing that they do not know.
    """
    return receipt_page(request, report_for_receipt(report_id))


def receipt_page(request: Request, report: Report) -> HttpResponse:
    reporter = report.reporter_user
    context = {
        "report": report,
        "agent": report.agent,
        "has_reporter": reporter is not None,
        "can_be_told": reporter is not None and may_be_emailed(reporter),
        "is_told": reporter is not None and wants_notice(reporter.pk, "report"),
    }
    return render(request, "moderation/reports/receipt.html", context)
