"""Outermost middleware: probes, request log and metrics."""

import logging
import time

from django.http import HttpRequest, HttpResponseBase

from clawstore.ops.health import healthz, readyz
from clawstore.ops.logs import request_id
from clawstore.ops.metrics import metrics, record_budget_use, record_request
from foundation.web.requests import GetResponse

log = logging.getLogger("clawstore.request")

# Probes ask by address, over plain HTTP. They are answered before host checks, redirects and
# sessions, which would refuse them.
PROBES = {"/healthz": healthz, "/readyz": readyz, "/metrics": metrics}


class WatchMiddleware:
    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        start = time.perf_counter()
        request_id.set(request.request_id)  # type: ignore[attr-defined]
        probe = PROBES.get(request.path_info)
        if probe is not None:
            return probe(request)
        response = self.get_response(request)
        seconds = time.perf_counter() - start
        method, route, status = request.method or "", route_of(request), response.status_code
        record_request(method, route, status, seconds)
        record_budget_use()
        # The fields cost time on each request, and by default development logs warnings only.
        if log.isEnabledFor(logging.INFO):
            fields = _log_fields(request, method, route, status, seconds)
            log.info("%s %s %s", method, route, status, extra=fields)
        return response


def route_of(request: HttpRequest) -> str:
    """The URL pattern of the request, which contains no agent and no person."""
    if request.resolver_match is not None:
        return "/" + request.resolver_match.route
    # Strangers invent paths; each would be a series of its own for ever.
    return "static" if request.path_info.startswith("/static/") else "unknown"


def _log_fields(
    request: HttpRequest, method: str, route: str, status: int, seconds: float
) -> dict[str, object]:
    fields: dict[str, object] = {
        "method": method,
        "route": route,
        "status": status,
        "ms": round(seconds * 1000, 1),
    }
    user = user_id_of(request)
    return fields | {"user": user} if user else fields


def user_id_of(request: HttpRequest) -> str:
    """The id of the user, or "" if no other code has loaded the user.

    A log line must not cost a query.
    """
    actor = getattr(request, "auth", None)
    if actor is not None:
        return str(actor.user_id or "")
    # Not `request.user`, which would load the session and the user.
    user = getattr(request, "_cached_user", None)
    return str(user.pk or "") if user is not None else ""
