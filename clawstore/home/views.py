"""Pages that combine apps: home, and a person with their agents."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clawstore.home.queries import front_of_shop, home_revision
from foundation.web.page_cache import cached_page


@require_safe
@cached_page(revision=home_revision)
def home(request: HttpRequest) -> HttpResponse:
    """The home page."""
    context = {"front": front_of_shop(), "hide_search": True}
    return render(request, "pages/home.html", context)
