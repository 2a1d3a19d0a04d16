"""Open the shop: prepare the data, start the web server and the background worker, stop both.

Each child leads a process group of its own, so that Ctrl-C reaches this process alone and what it
started ends in order. Whoever dies first, the others follow.
"""

import ctypes
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parent.parent
PORT = int(os.environ.get("PORT") or 8000)
PYTHON = sys.executable
CHILDREN = {
    "The web server": [PYTHON, "-m", "gunicorn", "-c", "gunicorn.conf.py", "clawstore.wsgi"],
    "The background worker": [PYTHON, "manage.py", "run_huey", "--quiet"],
}
READY_WITHIN = 60
GRACE = 35  # A little longer than gunicorn's own graceful_timeout.


class Stop(Exception):
    """Somebody asked us to stop."""


def main() -> int:
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, _stop)
    children: dict[str, subprocess.Popen[bytes]] = {}
    try:
        refuse_taken_port()
        children["The preparation"] = start([PYTHON, "manage.py", "prepare"])
        if children["The preparation"].wait():
            return 1
        del children["The preparation"]
        children |= {name: start(command) for name, command in CHILDREN.items()}
        wait_until_ready(children)
        print(f"Clawstore is open at http://127.0.0.1:{PORT} — Ctrl-C closes it", flush=True)
        watch(children)
    except Stop:
        return 0
    finally:
        stop(children)
    return 1


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


def start(command: list[str]) -> subprocess.Popen[bytes]:
    environment = os.environ | {"PORT": str(PORT)}
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, process_group=0, preexec_fn=_end_with_parent
    )


def _end_with_parent() -> None:
    # Should this process be killed outright, Linux tells its children.
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)


def wait_until_ready(children: dict[str, subprocess.Popen[bytes]]) -> None:
    deadline = time.monotonic() + READY_WITHIN
    while not answers():
        if time.monotonic() > deadline:
            sys.exit(f"The shop did not open within {READY_WITHIN} s.")
        refuse_dead(children)
        time.sleep(0.05)


def answers() -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=5)
    try:
        connection.request("GET", "/v1/health")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def watch(children: dict[str, subprocess.Popen[bytes]]) -> None:
    """Until a child ends, or whoever started us is gone."""
    parent = os.getppid()
    while os.getppid() == parent:
        refuse_dead(children)
        time.sleep(0.2)


def refuse_dead(children: dict[str, subprocess.Popen[bytes]]) -> None:
    for name, child in children.items():
        if child.poll() is not None:
            sys.exit(f"{name} ended by itself ({child.returncode}); closing.")


def stop(children: dict[str, subprocess.Popen[bytes]]) -> None:
    """End every group: politely, and after the grace for good; a second Ctrl-C hurries nothing."""
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, signal.SIG_IGN)
    for child in children.values():
        signal_group(child, signal.SIGTERM)
    deadline = time.monotonic() + GRACE
    for child in children.values():
        with suppress(subprocess.TimeoutExpired):
            child.wait(max(0.0, deadline - time.monotonic()))
        signal_group(child, signal.SIGKILL)
        child.wait()


def signal_group(child: subprocess.Popen[bytes], number: int) -> None:
    with suppress(ProcessLookupError):  # The whole group has ended.
        os.killpg(child.pid, number)


if __name__ == "__main__":
    sys.exit(main())
