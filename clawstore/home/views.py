"""The home page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clawstore.home.queries import home_page, home_revision
from foundation.web.languages import LANGUAGES, preferences_of
from foundation.web.page_cache import cached_page


@require_safe
@cached_page(revision=home_revision, vary=[LANGUAGES])
def home(request: HttpRequest) -> HttpResponse:
    context = {"home": home_page(preferences_of(request)), "hide_search": True}
    return render(request, "pages/home.html", context)
