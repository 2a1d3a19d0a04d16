"""Statistics of an agent for its owner, as a page."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clawstore.author_stats.queries import author_stats
from foundation.web.requests import Request
from registry.downloads.chart import parse_days


@login_required
@require_safe
def own_numbers(request: Request, scope: str, name: str) -> HttpResponse:
    """Downloads, installs and ratings over time, and check warnings by version."""
    query = request.GET
    numbers = author_stats(
        scope, name, days=parse_days(query.get("days")), page=query.get("page"), by=request.actor
    )
    context = {"numbers": numbers, "choices": (7, 30, 90)}
    return render(request, "author/numbers.html", context)
