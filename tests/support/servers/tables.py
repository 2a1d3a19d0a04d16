"""Prepared databases to copy.

Migrations take six seconds, so one process of a test run executes them and all others copy the
result.
"""

import fcntl
import hashlib
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.support.servers.commands import environment_of, manage


def copy_tables(path: Path) -> None:
    """Write a SQLite file with all tables and the rows that `prepare` adds."""
    shutil.copyfile(ready_tables(), path)


def ready_tables() -> Path:
    """The SQLite file to copy; created on the first call of a run."""
    ready = run_folder() / "tables.sqlite3"
    with run_lock("tables"):
        if not ready.is_file():
            with tempfile.TemporaryDirectory(dir=run_folder()) as folder:
                _prepare(Path(folder))
                Path(folder, "clawstore.sqlite3").rename(ready)
    return ready


def ready_database() -> str:
    """The name of a PostgreSQL template database with all tables.

    PostgreSQL copies a database only while no session uses it.
    """
    name = _template_name()
    with run_lock("tables"), tempfile.TemporaryDirectory(dir=run_folder()) as folder:
        if not _exists(name):
            _run_sql(f"CREATE DATABASE {name}")
            _prepare(Path(folder), DATABASE_URL=address_of(name))
    return name


def drop_ready_database() -> None:
    """Drop the template, for a server that outlives the run."""
    _run_sql(f"DROP DATABASE IF EXISTS {_template_name()} WITH (FORCE)")


@contextmanager
def postgresql_database() -> Iterator[str]:
    """Yield the address of a new PostgreSQL database with all tables."""
    name = f"own_{uuid.uuid4().hex[:12]}"
    _run_sql(f"CREATE DATABASE {name} TEMPLATE {ready_database()}")
    try:
        yield address_of(name)
    finally:
        _run_sql(f"DROP DATABASE {name} WITH (FORCE)")


def address_of(database: str) -> str:
    address, _, parameters = os.environ["TEST_DATABASE_URL"].partition("?")
    return f"{address.rpartition('/')[0]}/{database}" + (f"?{parameters}" if parameters else "")


def run_folder() -> Path:
    """The folder of a run, which its processes share."""
    return Path(os.environ["CLAWSTORE_TESTS_ROOT"])


def _template_name() -> str:
    """A name per run: two runs that share a server may have different migrations."""
    return f"ready_{hashlib.sha256(str(run_folder()).encode()).hexdigest()[:12]}"


def _prepare(data_dir: Path, **variables: str) -> None:
    manage(environment_of(data_dir, DEMO="off", **variables), "prepare")


@contextmanager
def run_lock(name: str) -> Iterator[None]:
    """A lock across all processes of a run."""
    with (run_folder() / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _exists(database: str) -> bool:
    query = "SELECT 1 FROM pg_database WHERE datname = %s"
    with psycopg.connect(os.environ["TEST_DATABASE_URL"]) as connection:
        return connection.execute(query, [database]).fetchone() is not None


def _run_sql(statement: str) -> None:
    with psycopg.connect(os.environ["TEST_DATABASE_URL"], autocommit=True) as connection:
        connection.execute(statement)


if __name__ == "__main__":
    ready_tables()
