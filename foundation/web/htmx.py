"""Answers to htmx: a part of a page, or a page in place of the current one."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django_htmx.http import (
    HttpResponseClientRedirect,
    push_url,
    reselect,
    retarget,
    trigger_client_event,
)

MAIN = "#main"


def is_htmx(request: HttpRequest) -> bool:
    """Whether htmx sent the request and puts the answer into the current page."""
    # Each request is asked this. `request.headers` would first make a second table of all headers.
    return bool(request.META.get("HTTP_HX_REQUEST") == "true")


def replace_main(response: HttpResponse, *, scroll_to_top: bool = False) -> HttpResponse:
    """Let the main part of this page replace that of the current page."""
    response.headers["HX-Reswap"] = f"outerHTML{' show:window:top' if scroll_to_top else ''}"
    return retarget(reselect(response, MAIN), MAIN)


def show_page(
    request: HttpRequest, response: HttpResponse, *, address: str, message: str
) -> HttpResponse:
    """Show this page at its address, and announce the message to screen readers."""
    path = address.partition("#")[0]
    if request.htmx.current_url_abs_path != path:  # type: ignore[attr-defined]
        push_url(response, path)
    return announce(replace_main(response), message)


def redirect_to(request: HttpRequest, address: str) -> HttpResponse:
    """Redirect; for htmx as a navigation, or it would nest the next page in this one."""
    response_class = HttpResponseClientRedirect if is_htmx(request) else HttpResponseRedirect
    return response_class(address)


def announce(response: HttpResponse, message: str) -> HttpResponse:
    """Say the message in the page's live region once the answer is in place."""
    return trigger_client_event(response, "announce", {"value": message}, after="settle")
