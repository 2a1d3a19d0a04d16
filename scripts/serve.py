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
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from clawstore.environment import Environment, exit_on_problems  # noqa: E402

environment = Environment()
PORT = environment.port()
READY_WITHIN = 60
# Seconds for running requests and jobs. Everything must end within ten, also after Ctrl-C.
GRACE = 5
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

children: list[BaseProcess] = []


class Stop(BaseException):
    """A signal asked the process to stop.

    No `Exception`, because code that catches those would swallow the signal.
    """


def main() -> int:
    # Until there are children, a signal may end this process at once: nothing needs order.
    on_signals(signal.SIG_DFL)
    if not environment.problems:  # The settings name all of them.
        refuse_production()
        refuse_taken_port()
        sell_for_nothing()
    with exit_on_problems():
        prepare()
    on_signals(_stop)
    try:
        fork("The web server", serve_web)
        fork("The background worker", do_jobs)
        wait_until_ready()
        print(f"Clawstore is open at http://127.0.0.1:{PORT} — Ctrl-C closes it", flush=True)
        if os.environ["PAYMENT_PROVIDER"] == "mock":
            print("Payments are played (PAYMENT_PROVIDER=mock): no real money moves.", flush=True)
        watch()
    except Stop:
        return 0
    finally:
        stop()
    return 1


def refuse_production() -> None:
    """End the start: a proxy and two services belong to production, and no demo."""
    if not environment.is_development:
        sys.exit(
            "CLAWSTORE_MODE is production, and make serve is for development."
            " docs/OPERATING.md says how to start gunicorn and the worker."
        )


def sell_for_nothing() -> None:
    """Let a newcomer buy without a wallet, unless a payment provider was named."""
    if not environment.text("PAYMENT_PROVIDER"):
        os.environ["PAYMENT_PROVIDER"] = "mock"


def on_signals(handler: Callable[[int, FrameType | None], None] | signal.Handlers) -> None:
    for number in SIGNALS:
        signal.signal(number, handler)


def _stop(number: int, frame: FrameType | None) -> None:
    # `make` forwards a signal that the whole group got already. The second one must not interrupt
    # the end that the first one began.
    on_signals(signal.SIG_IGN)
    kill_later()
    raise Stop


def kill_later() -> None:
    """Kill everything if the orderly end takes too long, whatever it waits for."""
    signal.signal(signal.SIGALRM, _kill)
    signal.alarm(GRACE + 2)


def _kill(number: int, frame: FrameType | None) -> None:
    for child in children:
        signal_group(child, signal.SIGKILL)
    os._exit(1)


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


def fork(name: str, work: Callable[[], None]) -> None:
    child = multiprocessing.get_context("fork").Process(
        target=_as_child, args=(work, os.getpid()), name=name
    )
    # A signal between the fork and the list would leave a child that is stopped by nothing.
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    child.start()
    children.append(child)
    with suppress(OSError):  # Parent and child both do it, so it holds whichever is first.
        os.setpgid(child.pid or 0, child.pid or 0)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)


def _as_child(work: Callable[[], None], parent: int) -> None:
    with suppress(OSError):
        os.setpgid(0, 0)
    on_signals(signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    if sys.platform == "linux":  # The kernel sends this signal if the parent is killed.
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)
        if os.getppid() != parent:
            sys.exit(1)
    work()


def wait_until_ready() -> None:
    deadline = time.monotonic() + READY_WITHIN
    while not answers():
        if time.monotonic() > deadline:
            sys.exit(f"The shop did not open within {READY_WITHIN} s.")
        refuse_dead()
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


def watch() -> None:
    """Return when a child ends, or the process that started this one."""
    parent = os.getppid()
    while os.getppid() == parent:
        refuse_dead()
        time.sleep(0.2)


def refuse_dead() -> None:
    for child in children:
        if child.exitcode is not None:
            sys.exit(f"{child.name} ended by itself ({child.exitcode}); closing.")


def stop() -> None:
    """Stop all groups, kill them after the grace period; ignore further signals."""
    on_signals(signal.SIG_IGN)
    for child in children:
        signal_group(child, signal.SIGTERM)
    deadline = time.monotonic() + GRACE
    for child in children:
        child.join(max(0.0, deadline - time.monotonic()))
        signal_group(child, signal.SIGKILL)
        child.join()
    signal.alarm(0)


def signal_group(child: BaseProcess, number: int) -> None:
    with suppress(ProcessLookupError):  # The whole group has ended.
        os.killpg(child.pid or 0, number)


if __name__ == "__main__":
    sys.exit(main())
