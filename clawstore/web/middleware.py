"""Middleware that turns refusals into responses and rejects invalid requests."""

import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_to_bytes

from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.db import OperationalError
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponsePermanentRedirect,
    UnreadablePostError,
)
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from clawstore.web.bare_pages import bare_response
from clawstore.web.remediation import with_remediation
from foundation.access.middleware import actor_of_door
from foundation.files.space import is_disk_full
from foundation.limits.bodies import BodyTooLarge, BrokenBody
from foundation.refusals import (
    InsufficientStorage,
    Malformed,
    Refusal,
    RequestTimeout,
    TooLarge,
    Unavailable,
)
from foundation.web.absence import (
    RETRY_AFTER,
    DatabaseAway,
    database_absence,
    is_database_away,
)
from foundation.web.byte_ranges import RangeNotSatisfiable
from foundation.web.page_cache import is_cached_view
from foundation.web.requests import GetResponse
from foundation.web.responses import JSON, json_response
from registry.agents.similar import SimilarAgent, list_similar
from registry.errors import (
    AgentDelisted,
    AgentMoved,
    AgentNotFound,
    FileNotInPackage,
    VersionWithheld,
)
from registry.files.queries import similar_files
from registry.rules.identifiers import scope_and_name
from registry.search.suggest import similar_agents
from wordclaw.requests.api import Replayed

log = logging.getLogger("clawstore")


class HostileAddress(Malformed):
    code = "invalid_parameter"
    message = "The URL contains an invalid character."


def wants_json(request: HttpRequest) -> bool:
    return request.path_info.startswith(("/v1", "/api/")) or request.path_info == "/mcp"


class RefusalMiddleware:
    """Turns every refusal into JSON under /v1 and into a page elsewhere."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if _has_nul(request):
            return refusal_response(request, HostileAddress())
        response = self.get_response(request)
        if not wants_json(request):
            return response
        return with_remediation(request, in_envelope(response))

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Refuse views while the database is away. Static files and probes go on.

        Cached views decide themselves, because they may have a page from before.
        """
        if is_database_away() and not is_cached_view(view):
            return refusal_response(request, DatabaseAway(retry_after=RETRY_AFTER))
        return None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, Replayed):
            # The only way out of a throttle, whose place in the framework cannot return a response.
            return error.response
        refusal = as_refusal(error)
        if refusal is not None:
            return refusal_response(request, refusal)
        if wants_json(request):
            log.error("Unhandled error at %s", request.path_info, exc_info=error)
            return envelope("internal_error", "Server error.", status=500)
        return None


def _has_nul(request: HttpRequest) -> bool:
    # Databases reject NUL characters; one check here replaces one at every query.
    query = request.META.get("QUERY_STRING", "")
    return "\0" in request.path_info or b"\0" in unquote_to_bytes(query)


def as_refusal(error: Exception) -> Refusal | None:
    """The refusal for an error of the framework, or None for any other error."""
    if isinstance(error, Refusal):
        return error
    if isinstance(error, BodyTooLarge):
        return TooLarge(str(error))
    if isinstance(error, RequestDataTooBig):
        return TooLarge("The body is larger than this endpoint accepts.")
    if isinstance(error, SuspiciousOperation | BadRequest | MultiPartParserError):
        return Malformed("The request could not be read.")
    if isinstance(error, UnreadablePostError):
        return Malformed(BrokenBody.message) if _is_broken(error) else RequestTimeout()
    if isinstance(error, OSError | OperationalError) and is_disk_full(error):
        return InsufficientStorage()
    absence = database_absence(error)
    if absence is not None:
        log.warning("The database is away: %s", error)
        return absence
    return None


def _is_broken(error: BaseException | None) -> bool:
    # Django wraps what the stream raises, once or twice.
    return error is not None and (isinstance(error, BrokenBody) or _is_broken(error.__cause__))


def refusal_response(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    if isinstance(refusal, AgentMoved) and (address := _present_address(request, refusal)):
        return _moved_response(request, refusal, address)
    return _refusal_response(request, refusal)


def _moved_response(request: HttpRequest, refusal: AgentMoved, address: str) -> HttpResponse:
    response = HttpResponsePermanentRedirect(address)
    if wants_json(request):
        # The CLI follows redirects; the body is for clients that do not.
        error = envelope(refusal.code, refusal.message, refusal.details, status=301)
        response.content, response["Content-Type"] = error.content, error["Content-Type"]
    # An agent may move back, and two remembered redirects would then be a loop.
    response["Cache-Control"] = "no-cache"
    return response


def _present_address(request: HttpRequest, refusal: AgentMoved) -> str:
    """The same address under the present id of an agent; blank for a write."""
    match = request.resolver_match
    if request.method not in ("GET", "HEAD") or match is None or actor_of_door(request):
        return ""
    if "scope" not in match.kwargs or "name" not in match.kwargs:
        return ""
    scope, name = scope_and_name(refusal.full_id)
    address = reverse(match.view_name, kwargs=match.kwargs | {"scope": scope, "name": name})
    query = request.META.get("QUERY_STRING", "")
    return f"{address}?{query}" if query else address


def _refusal_response(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    if wants_json(request):
        response: HttpResponse = envelope(
            refusal.code, refusal.message, refusal.details, refusal.status, refusal.remediation
        )
    elif isinstance(refusal, Unavailable):
        # The usual page asks the database for the reader.
        title = _("Not available at the moment")
        response = bare_response(refusal.status, title=title, message=refusal.message)
    else:
        context = {
            "status": refusal.status,
            "code": refusal.code,
            "message": refusal.message,
            "details": refusal.details,
            **_ways_on(request, refusal),
        }
        response = render(request, "errors/refusal.html", context, status=refusal.status)
    if "retry_after" in refusal.details:
        response["Retry-After"] = str(refusal.details["retry_after"])
    if isinstance(refusal, RangeNotSatisfiable):
        response["Content-Range"] = f"bytes */{refusal.details['size']}"
    if refusal.status == 401:
        # RFC 9110 requires a challenge with each 401.
        response["WWW-Authenticate"] = f'Bearer realm="{settings.INSTANCE_NAME}"'
    for name, value in refusal.headers.items():
        response[name] = value
    return response


def _ways_on(request: HttpRequest, refusal: Refusal) -> dict[str, Any]:
    """Links for a refused page of an agent: to similar agents, or to the agent."""
    address = request.resolver_match.kwargs if request.resolver_match else {}
    if "scope" not in address or "name" not in address:
        return {}
    if isinstance(refusal, AgentMoved):
        scope, name = scope_and_name(refusal.full_id)
        return {"agent": {"scope": scope, "name": name}}
    if isinstance(refusal, AgentNotFound):
        return {"similar": similar_agents(address["scope"], address["name"])}
    if isinstance(refusal, AgentDelisted):
        return {"similar": list_similar(address["scope"].lower(), address["name"].lower())}
    if refusal.status not in (404, 409, 422, 451):
        return {}
    files: list[str] = []
    if isinstance(refusal, FileNotInPackage):
        files = similar_files(**address)
    similar: list[SimilarAgent] = []
    if isinstance(refusal, VersionWithheld):
        similar = list_similar(address["scope"].lower(), address["name"].lower())
    return {"agent": address, "files": files, "similar": similar}


def envelope(
    code: str,
    message: str,
    details: dict[str, Any] | None = None,
    status: int = 400,
    remediation: str = "",
) -> HttpResponse:
    """The JSON error envelope of all errors under /v1."""
    error: dict[str, Any] = {"code": code, "message": message}
    if details:
        error["details"] = details
    if remediation:
        error["remediation"] = remediation
    return json_response({"error": error}, status)


FRAMEWORK_ERRORS = {
    404: ("not_found", "Not found."),
    405: ("method_not_allowed", "Method not allowed."),
    412: ("precondition_failed", "If-Match names another ETag than the present one."),
    500: ("internal_error", "Server error."),
}


def in_envelope(response: HttpResponseBase) -> HttpResponseBase:
    """The response, or its error page from the framework as a JSON envelope.

    The framework itself rejects wrong methods and unknown hosts.
    """
    if response.status_code < 400 or response.headers.get("Content-Type") == JSON:
        return response
    default = ("refused", "The request was refused.")
    code, message = FRAMEWORK_ERRORS.get(response.status_code, default)
    error = envelope(code, message, status=response.status_code)
    if "Allow" in response.headers:
        error["Allow"] = response.headers["Allow"]
    return error


class HeadMiddleware:
    """Answers HEAD like GET, without the body.

    ``request.is_head`` marks the request, because a HEAD is not a download.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method != "HEAD":
            return self.get_response(request)
        # Views and their caches then need no case of their own for HEAD.
        request.method = "GET"
        request.is_head = True  # type: ignore[attr-defined]
        full = self.get_response(request)
        length = full.headers.get("Content-Length") or str(len(getattr(full, "content", b"")))
        bare = HttpResponse(status=full.status_code, headers=dict(full.headers))
        # The new response closes the resources of the full one at the end of the request. Closing
        # them here would end the request and its database connection.
        bare._resource_closers = full._resource_closers  # type: ignore[attr-defined]
        bare["Content-Length"] = length
        return bare
