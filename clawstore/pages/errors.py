"""What a visitor sees where the framework itself gives up. Nothing here asks the database."""

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from clawstore.middleware import as_refusal, refusal_answer
from foundation.refusals import Malformed


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Also where a body was too large before any view saw it."""
    refusal = as_refusal(exception) or Malformed("The request cannot be read.")
    return refusal_answer(request, refusal)


def server_error(request: HttpRequest) -> HttpResponse:
    """Tells the number under which the log knows what went wrong, and nothing of what."""
    context = {"request_id": getattr(request, "request_id", "")}
    return HttpResponse(render_to_string("500.html", context), status=500)
