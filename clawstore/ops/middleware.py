"""Watches every request from outside: a log line, a count, and the questions of machines."""

import logging
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from clawstore.ops.health import healthz, readyz
from clawstore.ops.logs import request_id
from clawstore.ops.metrics import metrics, note_request, note_spent

Next = Callable[[HttpRequest], HttpResponseBase]
log = logging.getLogger("clawstore.request")

# Answered before anything else looks at the request: a probe asks by address, over plain HTTP,
# and must not depend on a session, a host name or a redirect.
PROBES = {"/healthz": healthz, "/readyz": readyz, "/metrics": metrics}


class WatchMiddleware:
    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        began = time.perf_counter()
        request_id.set(request.request_id)  # type: ignore[attr-defined]
        probe = PROBES.get(request.path_info)
        if probe is not None:
            return probe(request)
        response = self.get_response(request)
        seconds = time.perf_counter() - began
        method, route, status = request.method or "", route_of(request), response.status_code
        note_request(method, route, status, seconds)
        note_spent()
        if log.isEnabledFor(logging.INFO):
            said = _said(request, method, route, status, seconds)
            log.info("%s %s %s", method, route, status, extra=said)
        return response


def route_of(request: HttpRequest) -> str:
    """The pattern that matched, which names no agent and no person."""
    if request.resolver_match is not None:
        return "/" + request.resolver_match.route
    return "static" if request.path_info.startswith("/static/") else "unknown"


def _said(
    request: HttpRequest, method: str, route: str, status: int, seconds: float
) -> dict[str, object]:
    said: dict[str, object] = {
        "method": method,
        "route": route,
        "status": status,
        "ms": round(seconds * 1000, 1),
    }
    user = user_id_of(request)
    return said | {"user": user} if user else said


def user_id_of(request: HttpRequest) -> str:
    """Who acted, if somebody has already asked; a log line alone asks the database nothing."""
    actor = getattr(request, "auth", None)
    if actor is not None:
        return str(actor.user_id or "")
    user = getattr(request, "_cached_user", None)
    return str(user.pk or "") if user is not None else ""
