"""Static pages: terms, privacy, policies and explanations."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from registry.downloads import metrics

CHAPTERS: dict[str, str | Promise] = {
    "terms": _("Terms"),
    "privacy": _("Privacy"),
    "content": _("Content policy"),
    "moderation": _("How moderation works"),
    "numbers": _("What the numbers mean"),
    "search": _("How search works"),
}


@require_safe
def about(request: HttpRequest, chapter: str) -> HttpResponse:
    """One static page; the footer links to all of them."""
    if chapter not in CHAPTERS:
        raise Http404
    context = {
        "chapter": chapter,
        "title": CHAPTERS[chapter],
        "chapters": CHAPTERS.items(),
        "contact": settings.CONTACT_EMAIL,
        "is_closed": settings.SIGN_IN_TO_READ,
        "definitions": metrics,
    }
    return render(request, f"about/{chapter}.html", context)
