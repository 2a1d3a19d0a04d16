"""What a visitor sees where the framework itself gives up. Nothing here asks the database."""

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.template.loader import render_to_string
from django.urls import is_valid_path
from django.utils.encoding import escape_uri_path
from django.views.defaults import page_not_found

from clawstore.web.middleware import as_refusal, refusal_answer
from foundation.refusals import Malformed


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Also where a body was too large before any view saw it."""
    refusal = as_refusal(exception) or Malformed("The request cannot be read.")
    return refusal_answer(request, refusal)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A page that says so; or the way there, where only a slash at the end is too much."""
    there = request.path_info.rstrip("/")
    if request.method in ("GET", "HEAD") and there != request.path_info and _is_ours(there):
        asked = request.META.get("QUERY_STRING", "")
        address = escape_uri_path(there)
        return HttpResponsePermanentRedirect(f"{address}?{asked}" if asked else address)
    return page_not_found(request, exception)


def _is_ours(path: str) -> bool:
    # Two slashes at the front would be another host's address.
    return not path.startswith("//") and bool(is_valid_path(path))


def server_error(request: HttpRequest) -> HttpResponse:
    """Tells the number under which the log knows what went wrong, and nothing of what."""
    context = {"request_id": getattr(request, "request_id", "")}
    return HttpResponse(render_to_string("500.html", context), status=500)
