"""Is the process alive, and could it serve? Asked by machines, every few seconds, by address."""

import logging
import secrets
from collections.abc import Callable, Mapping

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse

log = logging.getLogger("clawstore.health")


def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers. Asks nothing else: a slow database must not get it killed."""
    return _answer({"status": "alive"})


def readyz(request: HttpRequest) -> HttpResponse:
    """Whether this process could serve: 200, or 503 with what is missing; why is in the log."""
    checks = {name: _outcome(name, check) for name, check in CHECKS.items()}
    ready = all(outcome == "ok" for outcome in checks.values())
    body = {"status": "ready" if ready else "not ready", "checks": checks}
    return _answer(body, 200 if ready else 503)


def _answer(body: Mapping[str, object], status: int = 200) -> HttpResponse:
    return JsonResponse(dict(body), status=status, headers={"Cache-Control": "no-store"})


def _outcome(name: str, check: Callable[[], None]) -> str:
    try:
        check()
    except Exception:
        log.exception("Not ready: %s", name)
        return "failed"
    return "ok"


def check_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


_migrated: set[str] = set()


def check_migrations() -> None:
    """Every table that this code needs is there. Once they are, they are for this process."""
    if connection.alias in _migrated:
        return
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        raise RuntimeError(f"{len(plan)} migrations are not applied, {plan[0][0]} the first.")
    _migrated.add(connection.alias)


def check_storage() -> None:
    """The bucket answers us; a folder takes a file. In a bucket every write costs, so none."""
    if settings.S3_BUCKET:
        default_storage.connection.meta.client.head_bucket(Bucket=settings.S3_BUCKET)  # type: ignore[attr-defined]
        return
    key = f"ready/{secrets.token_hex(8)}"
    default_storage.save(key, ContentFile(b""))
    default_storage.delete(key)


CHECKS: dict[str, Callable[[], None]] = {
    "database": check_database,
    "migrations": check_migrations,
    "storage": check_storage,
}
