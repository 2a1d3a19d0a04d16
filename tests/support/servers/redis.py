"""A real Redis server for one test run, with its own port and data folder."""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

import redis

from tests.support.servers.lifetime import end_with_parent
from tests.support.servers.shop import free_port

START_TIMEOUT = 30


def missing_for_redis() -> str:
    """The reason why this machine cannot run the server, or ""."""
    return "" if shutil.which("redis-server") else "not installed: redis-server"


@contextmanager
def redis_server() -> Iterator[str]:
    """Yield the address of a server that stops with the block."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="claw-redis-") as folder:
        options = ["--port", str(port), "--bind", "127.0.0.1", "--dir", folder, "--save", ""]
        command = ["redis-server", *options]
        quiet = subprocess.DEVNULL
        server = subprocess.Popen(command, stdout=quiet, preexec_fn=end_with_parent)
        try:
            _wait_until_ready(port, server)
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            server.terminate()
            server.wait(10)


def _wait_until_ready(port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_TIMEOUT
    client = redis.Redis(port=port)
    while True:
        try:
            client.ping()
        except redis.ConnectionError:
            assert server.poll() is None, "redis-server ended by itself"
            assert time.monotonic() < deadline, "redis-server did not answer"
            time.sleep(0.05)
        else:
            client.close()
            return
