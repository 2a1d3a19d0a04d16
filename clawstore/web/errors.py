"""Handlers for errors of the framework: 400, 404 and 500. They use no database."""

import logging
import sys

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.template.loader import render_to_string
from django.urls import is_valid_path
from django.utils.encoding import escape_uri_path
from django.views.defaults import page_not_found

from clawstore.web.middleware import as_refusal, refusal_response
from foundation.refusals import InsufficientStorage, Malformed, Unavailable

log = logging.getLogger("clawstore.request")


class UnknownHost(Malformed):
    code = "unknown_host"


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Error 400, also for a body that was too large for any view."""
    if isinstance(exception, DisallowedHost):
        return refusal_response(request, unknown_host(request))
    refusal = as_refusal(exception) or Malformed("The request could not be read.")
    return refusal_response(request, refusal)


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
    context = {"request_id": getattr(request, "request_id", "")}
    # Without the request: context processors ask the database, which may be the cause.
    return HttpResponse(render_to_string("500.html", context), status=500)
