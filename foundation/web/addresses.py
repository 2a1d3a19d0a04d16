"""Canonical addresses of pages."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.urls import resolve, reverse

from foundation.web.requests import View


def lowercase_redirect(*parameters: str) -> Callable[[View], View]:
    """Return a decorator that redirects to the address with lowercase parameters.

    Names match in any case, but search engines and caches need one address for each page.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            lowercase = kwargs | {name: kwargs[name].lower() for name in parameters}
            if lowercase == kwargs:
                return view(request, *args, **kwargs)
            match = request.resolver_match or resolve(request.path)
            address = reverse(match.view_name, args=args, kwargs=lowercase)
            query = request.META.get("QUERY_STRING", "")
            return HttpResponsePermanentRedirect(f"{address}?{query}" if query else address)

        return wrapped

    return decorate
