"""Canonical addresses of pages about a scope and a name."""

from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.urls import reverse

from foundation.web.requests import View


def redirect_to_lowercase(view: View) -> View:
    """Redirect permanently to the lowercase address; names match in any case."""

    @wraps(view)
    def wrapped(request: HttpRequest, scope: str, name: str, **rest: Any) -> HttpResponse:
        if (scope, name) == (scope.lower(), name.lower()):
            return view(request, scope, name, **rest)
        lowercase = {"scope": scope.lower(), "name": name.lower(), **rest}
        match = request.resolver_match
        address = reverse(match.view_name if match else "agent", kwargs=lowercase)
        query = request.META.get("QUERY_STRING", "")
        return HttpResponsePermanentRedirect(f"{address}?{query}" if query else address)

    return wrapped
