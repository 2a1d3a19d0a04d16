"""Liveness and readiness probes."""

import logging
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from typing import ClassVar

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse

log = logging.getLogger("clawstore.health")

# Seconds in which a readiness probe is answered.
DEADLINE = 1.9


def healthz(request: HttpRequest) -> HttpResponse:
    """Liveness: 200 while the process answers.

    It uses no database, so a slow database does not get the process restarted.
    """
    return _probe_response({"status": "alive"})


def readyz(request: HttpRequest) -> HttpResponse:
    """Readiness: 200, or 503 with the failed checks; the log has the reason."""
    start = time.monotonic()
    storage = StorageProbe.start()
    checks = {name: _run_check(name, check) for name, check in CHECKS.items()}
    checks["storage"] = storage.outcome(start + DEADLINE - time.monotonic())
    ready = all(outcome == "ok" for outcome in checks.values())
    body = {"status": "ready" if ready else "not ready", "checks": checks}
    return _probe_response(body, 200 if ready else 503)


def _probe_response(body: Mapping[str, object], status: int = 200) -> HttpResponse:
    return JsonResponse(dict(body), status=status, headers={"Cache-Control": "no-store"})


def _run_check(name: str, check: Callable[[], None]) -> str:
    try:
        check()
    except Exception:
        log.exception("Not ready: %s", name)
        return "failed"
    return "ok"


def check_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


_migrated_databases: set[str] = set()


def check_migrations() -> None:
    """Raise RuntimeError while a migration is not applied. Success is cached."""
    if connection.alias in _migrated_databases:
        return
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        raise RuntimeError(f"{len(plan)} migrations are not applied, {plan[0][0]} the first.")
    _migrated_databases.add(connection.alias)


def check_storage() -> None:
    """Raise if the bucket does not answer or the folder takes no file."""
    if settings.S3_BUCKET:
        # A write to a bucket costs money, so the probe only asks for its head.
        default_storage.connection.meta.client.head_bucket(Bucket=settings.S3_BUCKET)  # type: ignore[attr-defined]
        return
    key = f"ready/{secrets.token_hex(8)}"
    default_storage.save(key, ContentFile(b""))
    default_storage.delete(key)


CHECKS: dict[str, Callable[[], None]] = {
    "database": check_database,
    "migrations": check_migrations,
}


class StorageProbe:
    """Asks the storage in its own thread: a call to a silent bucket is long."""

    _running: "ClassVar[StorageProbe | None]" = None

    def __init__(self) -> None:
        self._answer = "failed"
        self._thread = threading.Thread(target=self._run, daemon=True, name="storage probe")
        self._thread.start()

    @classmethod
    def start(cls) -> "StorageProbe":
        """Start a probe, or return the one that still waits for its answer."""
        if cls._running is None or not cls._running._thread.is_alive():
            cls._running = cls()
        return cls._running

    def outcome(self, seconds: float) -> str:
        self._thread.join(max(0.0, seconds))
        if self._thread.is_alive():
            log.error("Not ready: the storage does not answer.")
            return "failed"
        return self._answer

    def _run(self) -> None:
        self._answer = _run_check("storage", check_storage)
