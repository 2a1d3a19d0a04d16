"""The page on which a user lets an app act for them, or does not."""

from functools import cache
from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse
from django.utils.module_loading import import_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from foundation.limits.middleware import limited
from foundation.web.requests import Request


@never_cache
@limited("write")
@require_http_methods(["GET", "HEAD", "POST"])
def authorize(request: Request) -> HttpResponse:
    """Show which app asks for what; a POST allows or denies it."""
    if not settings.OAUTH_ON:
        raise Http404
    response: HttpResponse = _consent()(request)
    return response


@cache
def _consent() -> Any:
    # At the first app: the library takes a fifth of a second.
    return import_string("clawstore.oauth.consent.answer_request")
