"""Gunicorn configuration, for development and production."""

import os
from itertools import count
from typing import Any

bind = os.environ.get("BIND") or f"127.0.0.1:{os.environ.get('PORT') or 8000}"
worker_class = "gthread"
workers = int(os.environ.get("WEB_WORKERS") or 2)
threads = int(os.environ.get("WEB_THREADS") or 4)
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

control_socket_disable = True
accesslog = os.environ.get("ACCESS_LOG") or None
errorlog = "-"
loglevel = os.environ.get("GUNICORN_LOG_LEVEL") or "warning"
if os.environ.get("CLAWSTORE_MODE") == "production":
    logger_class = "clawstore.ops.server_logger.ServerLogger"


def on_starting(server: Any) -> None:
    # The code is loaded and no worker runs yet.
    from clawstore.ops.metrics import delete_old_metrics

    delete_old_metrics()


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
