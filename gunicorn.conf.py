"""How gunicorn serves the shop, in development and in production alike."""

import os
from itertools import count
from typing import Any

bind = os.environ.get("BIND") or f"127.0.0.1:{os.environ.get('PORT') or 8000}"
worker_class = "gthread"
workers = int(os.environ.get("WEB_WORKERS") or 2)
threads = int(os.environ.get("WEB_THREADS") or 4)
# The code is read once, before the workers part: quicker to start, and its memory is shared.
preload_app = True

# With threads this is the worker's own heartbeat, not the length of a request: a package of
# 100 MiB over a slow line may take as long as it takes.
timeout = 60
graceful_timeout = 30
keepalive = 15

# An address of 8 kB is as long as one may be; a flood of headers is refused.
limit_request_line = 8190
limit_request_fields = 64
limit_request_field_size = 8190

control_socket_disable = True
accesslog = os.environ.get("ACCESS_LOG") or None
errorlog = "-"
loglevel = os.environ.get("GUNICORN_LOG_LEVEL") or "warning"
if os.environ.get("CLAWSTORE_MODE") == "production":
    logger_class = "clawstore.ops.server.ServerLogger"


def on_starting(server: Any) -> None:
    # The code is read by now, and no worker lives yet.
    from clawstore.ops.metrics import begin_anew

    begin_anew()


# A connection stays with the worker that accepted it, and the first one awake accepts whatever
# comes at once: all of a client's, while the other worker idles. One request in so many therefore
# ends its connection, and the next one goes to whoever has time.
REQUESTS_A_CONNECTION = 32
_requests = count(1)


# Of a body that was refused before it was read, gunicorn reads no more than this and hangs up. It
# has promised to keep the connection by then, and the client's next request is lost on it. So a
# request that may be longer ends its connection, and its answer says so.
LONGEST_BODY_OF_A_KEPT_CONNECTION = 64 * 1024


def pre_request(worker: Any, request: Any) -> None:
    if next(_requests) % REQUESTS_A_CONNECTION == 0 or _may_be_left_unread(request):
        request.force_close()


def _may_be_left_unread(request: Any) -> bool:
    headers = dict(request.headers)
    if "TRANSFER-ENCODING" in headers:
        return True
    length = headers.get("CONTENT-LENGTH", "0")
    return not length.isdigit() or int(length) > LONGEST_BODY_OF_A_KEPT_CONNECTION


def worker_exit(server: Any, worker: Any) -> None:
    # In the worker, behind its last request. `atexit` alone would not do: a worker may end without.
    from registry.downloads.recorder import finish_counting

    finish_counting()


def child_exit(server: Any, worker: Any) -> None:
    from clawstore.ops.metrics import note_dead_worker

    note_dead_worker(worker.pid)
