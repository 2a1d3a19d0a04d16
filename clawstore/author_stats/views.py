"""One's agent over time, as a page."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clawstore.author_stats.queries import numbers_of
from foundation.access.middleware import Request
from registry.downloads.chart import read_days


@login_required
@require_safe
def own_numbers(request: Request, scope: str, name: str) -> HttpResponse:
    """How often it was fetched, installed and rated, and what the check said of each version."""
    asked = request.GET
    numbers = numbers_of(
        scope, name, days=read_days(asked.get("days")), page=asked.get("page"), by=request.actor
    )
    context = {"numbers": numbers, "choices": (7, 30, 90)}
    return render(request, "author/numbers.html", context)
