"""Gunicorn configuration, for development and production."""

import os
import resource
import sys
from itertools import count
from pathlib import Path
from typing import Any

# Gunicorn's own command does not look for modules in this folder.
sys.path.insert(0, str(Path(__file__).resolve().parent))

from clawstore.address_checks import check_development_bind
from clawstore.environment import Environment, exit_on_problems

with exit_on_problems():
    # The module, not `django.conf`, because Django is not set up yet.
    from clawstore import settings

bind = settings.BIND
# Its threads never wait for a slow client, and it answers the liveness probe without them (ADR 24).
worker_class = "clawstore.ops.worker.PatientWorker"
# Of each worker, idle ones included. Further clients wait until the system accepts them.
worker_connections = 1000
workers = settings.WEB_WORKERS
threads = settings.WEB_THREADS
# Loading the code before the fork starts faster and shares memory between workers.
preload_app = True

# With threads, this limits the worker's heartbeat, not a request: uploading 100 MiB over a slow
# connection may take longer.
timeout = 60
graceful_timeout = 30
keepalive = 15

# Requests with longer addresses or more headers are refused.
limit_request_line = 8190
limit_request_fields = 64
limit_request_field_size = 8190

# No header of a client or a proxy changes an address or a scheme here: BASE_URL says both, and
# Django reads X-Forwarded-Proto if TRUSTED_PROXIES says that a proxy wrote it.
forwarder_headers = ""
secure_scheme_headers: dict[str, str] = {}
forwarded_allow_ips = ""

# The heartbeat must not depend on a disk that can be full.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108

control_socket_disable = True
accesslog = settings.ACCESS_LOG or None
errorlog = "-"
loglevel = settings.GUNICORN_LOG_LEVEL
if not settings.IN_DEVELOPMENT:
    logger_class = "clawstore.ops.server_logger.ServerLogger"


def on_starting(server: Any) -> None:
    refuse_public_development(server.cfg.bind)
    # A connection is a file, and an answer may be another one.
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    enough = 4 * worker_connections
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(enough, hard)), hard))
    # The code is loaded and no worker runs yet.
    from clawstore.ops.metrics import delete_old_metrics

    delete_old_metrics()


def refuse_public_development(addresses: list[str]) -> None:
    """End the start if an option of the command opens development to other machines."""
    env = Environment()
    if env.is_development:
        check_development_bind(env, addresses)
    with exit_on_problems():
        env.refuse_problems()


# A connection stays with the worker that accepted it, so one worker can serve all connections of a
# client while the other is idle. Closing a connection after this many requests balances them.
REQUESTS_PER_CONNECTION = 32
_requests = count(1)


# Gunicorn drains at most this much of an unread body, and then closes a connection that its
# response promised to keep, so the client's next request is lost. A request with a longer body
# therefore closes its connection, and the response says so.
MAX_DRAINED_BODY = 64 * 1024


def pre_request(worker: Any, request: Any) -> None:
    if next(_requests) % REQUESTS_PER_CONNECTION == 0 or _may_stay_unread(request):
        request.force_close()


def _may_stay_unread(request: Any) -> bool:
    headers = dict(request.headers)
    if "TRANSFER-ENCODING" in headers:
        return True
    length = headers.get("CONTENT-LENGTH", "0")
    return not length.isdigit() or int(length) > MAX_DRAINED_BODY


def worker_exit(server: Any, worker: Any) -> None:
    # Runs in the worker after its last request. `atexit` handlers do not run in every exit.
    from registry.downloads.recorder import flush_downloads

    flush_downloads()


def child_exit(server: Any, worker: Any) -> None:
    from clawstore.ops.metrics import forget_dead_worker

    forget_dead_worker(worker.pid)
