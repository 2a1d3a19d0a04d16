"""How often and how quickly each route answers, for Prometheus.

The web server has several processes: each writes its numbers into files of DATA_DIR/metrics, and
whichever is asked adds them all up.
"""

import hmac
import os
from ipaddress import ip_address
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse

FOLDER = Path(os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(settings.DATA_DIR / "metrics")))
FOLDER.mkdir(parents=True, exist_ok=True)

# Only now: the library looks for its folder once, when it is imported.
from prometheus_client import (  # noqa: E402
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    exposition,
    multiprocess,
)

from foundation.limits.budgets import take_spent  # noqa: E402

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_VIA")

_seconds = Histogram(
    "clawstore_request_seconds",
    "Until the answer begins, by method, route and status; the count is that of requests.",
    ("method", "route", "status"),
    registry=CollectorRegistry(),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
_spent = Counter(
    "clawstore_budget_seconds",
    "Processor time that was spent of a budget, in seconds.",
    ("budget",),
    registry=CollectorRegistry(),
)
_known: dict[tuple[str, str, int], Histogram] = {}


def note_request(method: str, route: str, status: int, seconds: float) -> None:
    """Count one answer. ``route`` is a pattern, never an address: there are few of them."""
    key = (method, route, status)
    series = _known.get(key)
    if series is None:
        named = method if method in METHODS else "other"
        series = _known[key] = _seconds.labels(named, route, str(status))
    series.observe(seconds)


def note_spent() -> None:
    """Count what this process has spent of its budgets since the last answer."""
    for name, seconds in take_spent():
        _spent.labels(name).inc(seconds)


def metrics(request: HttpRequest) -> HttpResponse:
    """For this machine and for who knows METRICS_TOKEN; for everybody else there is nothing."""
    if not (is_from_here(request) or knows_token(request)):
        return HttpResponse(status=404, headers={"Cache-Control": "no-store"})
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry, path=str(FOLDER))
    text = exposition.generate_latest(registry)
    return HttpResponse(
        text, content_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"}
    )


def is_from_here(request: HttpRequest) -> bool:
    """Straight from this machine. What a proxy on this machine hands on comes from elsewhere, and
    what asks for another host's name may come from a browser that was tricked."""
    if any(header in request.META for header in FORWARDED):
        return False
    host = request.META.get("HTTP_HOST", "").rsplit(":", 1)[0].strip("[]")
    return host in {"127.0.0.1", "localhost", "::1"} and _is_loopback(request)


def _is_loopback(request: HttpRequest) -> bool:
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def knows_token(request: HttpRequest) -> bool:
    if not settings.METRICS_TOKEN:
        return False
    sent = request.META.get("HTTP_AUTHORIZATION", "")
    return hmac.compare_digest(sent.encode(), f"Bearer {settings.METRICS_TOKEN}".encode())


def begin_anew() -> None:
    """Forget the numbers of an earlier run. Once, before the first worker counts."""
    for file in FOLDER.glob("*.db"):
        file.unlink(missing_ok=True)


def note_dead_worker(pid: int) -> None:
    """What a dead worker counted stays counted; what only it could still say goes."""
    multiprocess.mark_process_dead(pid, path=str(FOLDER))
