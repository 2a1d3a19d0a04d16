"""Run the application: prepare data, run web server and worker, stop both.

Django is loaded once, after the port check; the two children are forks, which halves the start
time. Each child has its own process group, so Ctrl-C reaches only this process, which stops them
in order. If one process ends, the others are stopped.
"""

import ctypes
import http.client
import multiprocessing
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parent.parent
PORT = int(os.environ.get("PORT") or 8000)
READY_WITHIN = 60
GRACE = 35  # A little longer than gunicorn's own graceful_timeout.
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stop(Exception):
    """A signal asked the process to stop."""


def main() -> int:
    on_signals(_stop)
    children: list[BaseProcess] = []
    try:
        refuse_taken_port()
        prepare()
        for name, work in (("The web server", serve_web), ("The background worker", do_jobs)):
            children.append(fork(name, work))
        wait_until_ready(children)
        print(f"Clawstore is open at http://127.0.0.1:{PORT} — Ctrl-C closes it", flush=True)
        watch(children)
    except Stop:
        return 0
    finally:
        stop(children)
    return 1


def on_signals(handler: Callable[[int, FrameType | None], None] | signal.Handlers) -> None:
    for number in SIGNALS:
        signal.signal(number, handler)


def _stop(number: int, frame: FrameType | None) -> None:
    raise Stop


def refuse_taken_port() -> None:
    """Another server's answer on this port must not pass for ours."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", PORT))
        except OSError:
            sys.exit(f"Port {PORT} is taken. Choose another: make serve PORT={PORT + 1}")


def prepare() -> None:
    os.chdir(ROOT)
    sys.dont_write_bytecode = False  # Whatever the shell says: it halves the next start.
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clawstore.settings")
    import django
    from django.core.management import call_command

    django.setup()
    call_command("prepare")
    let_go_of_the_database()


def let_go_of_the_database() -> None:
    """Close all connections and pools.

    Forks that share a connection would read each other's results.
    """
    from django.db import connections

    connections.close_all()
    for connection in connections.all():
        if hasattr(connection, "close_pool"):
            connection.close_pool()


def serve_web() -> None:
    from gunicorn.app.wsgiapp import WSGIApplication

    sys.argv = ["gunicorn", "-c", "gunicorn.conf.py", "clawstore.wsgi"]
    WSGIApplication("%(prog)s [OPTIONS] [APP_MODULE]").run()


def do_jobs() -> None:
    from django.core.management import call_command

    call_command("run_worker")


def fork(name: str, work: Callable[[], None]) -> BaseProcess:
    child = multiprocessing.get_context("fork").Process(target=_as_child, args=(work,), name=name)
    child.start()
    with suppress(OSError):  # Parent and child both say it, so it holds whoever comes first.
        os.setpgid(child.pid or 0, child.pid or 0)
    return child


def _as_child(work: Callable[[], None]) -> None:
    with suppress(OSError):
        os.setpgid(0, 0)
    on_signals(signal.SIG_DFL)
    if sys.platform == "linux":  # Should the parent be killed outright, the kernel tells us.
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)
    work()


def wait_until_ready(children: Iterable[BaseProcess]) -> None:
    deadline = time.monotonic() + READY_WITHIN
    while not answers():
        if time.monotonic() > deadline:
            sys.exit(f"The shop did not open within {READY_WITHIN} s.")
        refuse_dead(children)
        time.sleep(0.1)


def answers() -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=5)
    try:
        connection.request("GET", "/v1/health")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def watch(children: Iterable[BaseProcess]) -> None:
    """Until a child ends, or whoever started us is gone."""
    parent = os.getppid()
    while os.getppid() == parent:
        refuse_dead(children)
        time.sleep(0.2)


def refuse_dead(children: Iterable[BaseProcess]) -> None:
    for child in children:
        if child.exitcode is not None:
            sys.exit(f"{child.name} ended by itself ({child.exitcode}); closing.")


def stop(children: list[BaseProcess]) -> None:
    """Stop all groups, kill them after the grace period; ignore further signals."""
    on_signals(signal.SIG_IGN)
    for child in children:
        signal_group(child, signal.SIGTERM)
    deadline = time.monotonic() + GRACE
    for child in children:
        child.join(max(0.0, deadline - time.monotonic()))
        signal_group(child, signal.SIGKILL)
        child.join()


def signal_group(child: BaseProcess, number: int) -> None:
    with suppress(ProcessLookupError):  # The whole group has ended.
        os.killpg(child.pid or 0, number)


if __name__ == "__main__":
    sys.exit(main())
