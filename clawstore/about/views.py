"""Static pages: terms, privacy, policies and explanations."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clawstore.about.pages import STATIC_PAGES
from registry.downloads import metrics


@require_safe
def about(request: HttpRequest, chapter: str) -> HttpResponse:
    """One static page; the footer links to all of them."""
    if chapter not in STATIC_PAGES:
        raise Http404
    context = {
        "chapter": chapter,
        "title": STATIC_PAGES[chapter],
        "chapters": STATIC_PAGES.items(),
        "contact": settings.CONTACT_EMAIL,
        "is_closed": settings.SIGN_IN_TO_READ,
        "definitions": metrics,
    }
    return render(request, f"about/{chapter}.html", context)
