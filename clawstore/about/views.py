"""Static pages, which explain numbers and search, and policies, which are content."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clawstore.about.pages import STATIC_PAGES
from clawstore.editorial.views import policy, policy_context
from registry.downloads import metrics


@require_safe
def about(request: HttpRequest, chapter: str) -> HttpResponse:
    """A static page or a policy; the footer links to all of them."""
    if chapter not in STATIC_PAGES:
        return policy(request, chapter=chapter)
    context = policy_context(chapter) | {"title": STATIC_PAGES[chapter], "definitions": metrics}
    return render(request, f"about/{chapter}.html", context)
