"""The home page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clawstore.home.queries import home_page, home_revision
from foundation.web.page_cache import cached_page


@require_safe
@cached_page(revision=home_revision)
def home(request: HttpRequest) -> HttpResponse:
    context = {"home": home_page(), "hide_search": True}
    return render(request, "pages/home.html", context)
