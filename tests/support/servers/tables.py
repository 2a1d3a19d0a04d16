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
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg

from tests.support.servers.commands import environment_of, manage
from tests.support.servers.postgresql import controlled_postgresql


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


def ready_server() -> Path:
    """The data of a stopped PostgreSQL server with all tables.

    It is made on the first call of a run.
    """
    ready = run_folder() / "postgresql"
    with run_lock("postgresql"):
        if not ready.is_dir():
            with (
                controlled_postgresql() as server,
                tempfile.TemporaryDirectory(dir=run_folder()) as folder,
            ):
                _prepare(Path(folder), DATABASE_URL=server.url)
                server.save_data(run_folder() / "postgresql.new")
            (run_folder() / "postgresql.new").rename(ready)
    return ready


def ready_database() -> str:
    """The name of a PostgreSQL template database with all tables.

    PostgreSQL copies a database only while no session uses it.
    """
    name = _template_name()
    with run_lock("tables"), tempfile.TemporaryDirectory(dir=run_folder()) as folder:
        if not _exists(name):
            own = os.environ["TEST_DATABASE_URL"].partition("?")[0].rpartition("/")[2]
            if _has_tables():
                _run_sql(f"CREATE DATABASE {name} TEMPLATE {own}", database="template1")
            else:
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


def word_list_folder() -> Path:
    """The packed word lists of a run (`foundation.text.dictionary`)."""
    folder = run_folder() / "word-lists"
    folder.mkdir(exist_ok=True)
    return folder


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


def _has_tables() -> bool:
    """Whether the server of the run is a copy of `ready_server`."""
    with psycopg.connect(os.environ["TEST_DATABASE_URL"]) as connection:
        row = connection.execute("SELECT to_regclass('django_migrations')").fetchone()
    return row != (None,)


def _run_sql(statement: str, *, database: str = "") -> None:
    url = address_of(database) if database else os.environ["TEST_DATABASE_URL"]
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)


if __name__ == "__main__":
    ready_tables()
    # A machine that cannot run the server is reported with the tests on PostgreSQL.
    with suppress(Exception):
        ready_server()
