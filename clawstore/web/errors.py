"""Handlers for errors of the framework: 400, 403 of a form, 404 and 500."""

import logging
import sys

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.urls import is_valid_path
from django.utils.encoding import escape_uri_path
from django.utils.translation import gettext as _
from django.views.defaults import page_not_found

from clawstore.web.bare_pages import bare_response
from clawstore.web.middleware import as_refusal, refusal_response, wants_json
from clawstore.web.page_limit import limit_page
from foundation.refusals import InsufficientStorage, Malformed, Unavailable

log = logging.getLogger("clawstore.request")


class UnknownHost(Malformed):
    code = "unknown_host"


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Error 400, also for a body that was too large for any view."""
    if isinstance(exception, DisallowedHost):
        return _unknown_host_response(request)
    refusal = as_refusal(exception) or Malformed("The request could not be read.")
    return refusal_response(request, refusal)


def _unknown_host_response(request: HttpRequest) -> HttpResponse:
    refusal = unknown_host(request)
    if wants_json(request):
        return refusal_response(request, refusal)
    # The stylesheet of a usual page would be asked for under the same host, and refused, too.
    title = _("Unknown host")
    return bare_response(refusal.status, title=title, message=refusal.message, code=refusal.code)


def unknown_host(request: HttpRequest) -> UnknownHost:
    """A refusal that names the host of the request, not ours; the log names it, too."""
    host = request.META.get("HTTP_HOST", "")[:255]
    log.warning("Refused the host %r, which is not in ALLOWED_HOSTS", host)
    return UnknownHost(
        f"This server does not answer for the host {host!r}. Its operator lists the names of this "
        "shop in ALLOWED_HOSTS, and the proxy in front must pass the header Host on."
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Error 404; redirects an address with a slash at its end or without its "@"."""
    # No view was found, so nothing has counted the page that follows.
    if request.resolver_match is None and (refusal := limit_page(request, cost=1)):
        return refusal
    path = _repair(request.path_info)
    # Only to an address that exists, so that a 404 stays one and no redirect leads to another.
    if request.method in ("GET", "HEAD") and path != request.path_info and _is_known(path):
        query = request.META.get("QUERY_STRING", "")
        address = escape_uri_path(path)
        return HttpResponsePermanentRedirect(f"{address}?{query}" if query else address)
    return page_not_found(request, exception)


def _repair(path: str) -> str:
    """The address that was meant: /agents/@ada/coach for /agents/ada/coach."""
    path = path.rstrip("/")
    _, *parts = path.split("/")
    # The API and the client write scope/name; npm has a package at /@scope/name.
    if len(parts) == 2 and parts[0].startswith("@"):
        parts = ["agents", *parts]
    if len(parts) < 2 or parts[0] != "agents":
        return path
    scope, names = parts[1].lstrip("@"), parts[2:]
    if not names:
        return f"/@{scope}"
    return "/".join(["/agents", f"@{scope}", *_pinned(*names)])


def _pinned(name: str, *parts: str) -> list[str]:
    """The rest of an address, with the version where a client and npm write it."""
    name, _, number = name.partition("@")
    if not number and len(parts) == 1 and parts[0][:1].isdecimal():
        number, parts = parts[0], ()
    return [name, "versions", number, *parts] if number else [name, *parts]


def _is_known(path: str) -> bool:
    # A browser reads two leading slashes as the address of another host.
    return not path.startswith("//") and bool(is_valid_path(path))


def server_error(request: HttpRequest) -> HttpResponse:
    """Error 500: shows the request id, by which the log has the details.

    An error of middleware that a refusal stands for, such as a database that is away, is refused.
    """
    error = sys.exc_info()[1]
    refusal = as_refusal(error) if isinstance(error, Exception) else None
    if isinstance(refusal, Unavailable | InsufficientStorage):
        return refusal_response(request, refusal)
    # Without context processors, which ask the database: it may be the cause.
    return bare_response(
        500,
        title=_("Server error"),
        message=_(
            "Something went wrong on our side, and the error was logged. Try again in a moment."
        ),
        request_id=getattr(request, "request_id", ""),
    )


def form_expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Error 403 for a form without a valid CSRF token; ``reason`` is unused."""
    return render(request, "403_csrf.html", status=403)
