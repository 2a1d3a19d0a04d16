"""Liveness and readiness probes."""

import logging
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from typing import ClassVar

from django.conf import settings
from django.core.cache import caches
from django.core.files.storage import default_storage
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse

from foundation.text.embedding import has_embedder
from foundation.web.absence import is_database_away
from foundation.web.responses import json_response
from wordclaw.payments.providers.choice import DISABLED
from wordclaw.payments.providers.lnbits import LnbitsProvider
from wordclaw.payments.settlement.queries import hanging_payments

log = logging.getLogger("clawstore.health")

# Seconds in which a readiness probe is answered.
DEADLINE = 1.9
OPTIONAL = {"cache", "hanging_payments", "meaning", "payments"}
# Seconds for which an answer holds. Probes come one after another, so without this, each of many
# would wait for the deadlines of all before it.
ANSWER_LIFETIME = 0.5


def healthz(request: HttpRequest) -> HttpResponse:
    """Liveness: 200 while the process answers.

    It uses no database, so a slow database does not get the process restarted.
    """
    return _probe_response({"status": "alive"})


def readyz(request: HttpRequest) -> HttpResponse:
    """Readiness: 200, or 503 with the failed checks; the log has the reason.

    A cache or a payment provider that is away, payments that hang and a missing model of the
    search by meaning are named, but the process stays ready: it is slower, sells nothing, or
    searches words alone.
    """
    global _last_checks
    checked_at, checks = _last_checks
    if time.monotonic() - checked_at > ANSWER_LIFETIME:
        checks = run_checks()
        _last_checks = (time.monotonic(), checks)
    ready = all(outcome == "ok" for name, outcome in checks.items() if name not in OPTIONAL)
    body = {"status": "ready" if ready else "not ready", "checks": checks}
    return _probe_response(body, 200 if ready else 503)


def run_checks() -> dict[str, str]:
    deadline = time.monotonic() + DEADLINE
    checks = SLOW_CHECKS
    if LnbitsProvider.name == settings.PAYMENT_PROVIDER:
        checks = checks | {"payments": LnbitsProvider().check}
    probes = {name: BackgroundProbe.start(name, check) for name, check in checks.items()}
    database = probes.pop("database").outcome(deadline - time.monotonic())
    # A second question to a database that is away would take longer than the deadline.
    if database == "ok":
        # Before the others are waited for: a silent bucket would use up the time of this check.
        probes["migrations"] = BackgroundProbe.start("migrations", check_migrations)
        if settings.PAYMENT_PROVIDER != DISABLED:
            probes["hanging_payments"] = BackgroundProbe.start("hanging_payments", check_payments)
    outcomes = {name: probe.outcome(deadline - time.monotonic()) for name, probe in probes.items()}
    return {
        "database": database,
        "migrations": outcomes.pop("migrations", "failed"),
        **outcomes,
        "meaning": "ok" if has_embedder() else "missing",
    }


_last_checks: tuple[float, dict[str, str]] = (-ANSWER_LIFETIME, {})


def forget_checks() -> None:
    """Check anew at the next probe."""
    global _last_checks
    _last_checks = (-ANSWER_LIFETIME, {})
    _migrated_databases.clear()


def _probe_response(body: Mapping[str, object], status: int = 200) -> HttpResponse:
    return json_response(body, status, headers={"Cache-Control": "no-store"})


def _run_check(name: str, check: Callable[[], None]) -> str:
    try:
        check()
    except Exception:
        # Only in the log: the answer is public and must not name hosts or users of the database.
        log.exception("Not ready: %s", name)
        return "failed"
    return "ok"


def check_database() -> None:
    if is_database_away():
        # A thread has just waited for it in vain; the probe may have waited for that thread.
        raise OperationalError("The database did not answer a moment ago.")
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    finally:
        # This thread ends, and a connection that it keeps would be lost to the pool.
        connection.close()


_migrated_databases: set[str] = set()


def check_migrations() -> None:
    """Raise RuntimeError while a migration is not applied. Success is cached."""
    if connection.alias in _migrated_databases:
        return
    try:
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    finally:
        connection.close()
    if plan:
        raise RuntimeError(f"{len(plan)} migrations are not applied, {plan[0][0]} the first.")
    # Success only: migrations are never taken back while a process runs.
    _migrated_databases.add(connection.alias)


def check_payments() -> None:
    """Raise if payments hang, because their provider is silent."""
    try:
        count = hanging_payments().count()
    finally:
        connection.close()
    if count:
        raise RuntimeError(f"{count} payments hang; the desk lists them.")


def check_storage() -> None:
    """Raise if the bucket does not answer or the folder takes no file."""
    if settings.S3_BUCKET:
        # A write to a bucket costs money, so the probe only asks for its head.
        default_storage.connection.meta.client.head_bucket(Bucket=settings.S3_BUCKET)  # type: ignore[attr-defined]
        return
    # A name of its own, because several processes are probed at once.
    default_storage.require_writable(f"ready/{secrets.token_hex(8)}")  # type: ignore[attr-defined]


def check_cache() -> None:
    caches["default"].get("ready")


SLOW_CHECKS: dict[str, Callable[[], None]] = {
    "database": check_database,
    "storage": check_storage,
    **({"cache": check_cache} if settings.REDIS_URL else {}),
}


class BackgroundProbe:
    """Asks a server in a thread of its own: a call to one that is silent is long."""

    _probes: ClassVar[dict[str, "BackgroundProbe"]] = {}

    def __init__(self, name: str, check: Callable[[], None]) -> None:
        self.name = name
        self._check = check
        self._answer = "failed"
        # A daemon, or a server that never answers would keep the process from ending.
        self._thread = threading.Thread(target=self._run, daemon=True, name=f"{name} probe")
        self._thread.start()

    @classmethod
    def start(cls, name: str, check: Callable[[], None]) -> "BackgroundProbe":
        """Start a probe, or return the one that still waits for its answer."""
        probe = cls._probes.get(name)
        # One thread for each server, however many probes come while it is silent.
        if probe is None or not probe._thread.is_alive():
            probe = cls._probes[name] = cls(name, check)
        return probe

    def outcome(self, seconds: float) -> str:
        self._thread.join(max(0.0, seconds))
        if self._thread.is_alive():
            log.error("Not ready: %s does not answer.", self.name)
            return "failed"
        return self._answer

    def _run(self) -> None:
        self._answer = _run_check(self.name, self._check)
