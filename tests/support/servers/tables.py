"""Databases as a shop has them that was prepared. The migrations take six seconds, so one process
of a run does it, and whoever needs one copies it."""

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
    """A file of SQLite with all tables, and in them what `prepare` puts there."""
    shutil.copyfile(ready_tables(), path)


def ready_tables() -> Path:
    """The file to copy."""
    ready = _root() / "tables.sqlite3"
    with _one_at_a_time():
        if not ready.is_file():
            with tempfile.TemporaryDirectory(dir=_root()) as folder:
                _prepare(Path(folder))
                Path(folder, "clawstore.sqlite3").rename(ready)
    return ready


def ready_database() -> str:
    """The name of a database with all tables on the server of the tests, which one may copy there
    while nobody is in it."""
    name = _name_of_ready()
    with _one_at_a_time(), tempfile.TemporaryDirectory(dir=_root()) as folder:
        if not _is_there(name):
            _run_sql(f"CREATE DATABASE {name}")
            _prepare(Path(folder), DATABASE_URL=address_of(name))
    return name


def forget_ready_database() -> None:
    """A server that outlives the run keeps nothing of it."""
    _run_sql(f"DROP DATABASE IF EXISTS {_name_of_ready()} WITH (FORCE)")


@contextmanager
def postgresql_database() -> Iterator[str]:
    """The address of a database of one's own, with all tables, on the server of the tests."""
    name = f"own_{uuid.uuid4().hex[:12]}"
    _run_sql(f"CREATE DATABASE {name} TEMPLATE {ready_database()}")
    try:
        yield address_of(name)
    finally:
        _run_sql(f"DROP DATABASE {name} WITH (FORCE)")


def address_of(database: str) -> str:
    address, _, parameters = os.environ["TEST_DATABASE_URL"].partition("?")
    return f"{address.rpartition('/')[0]}/{database}" + (f"?{parameters}" if parameters else "")


def _root() -> Path:
    return Path(os.environ["CLAWSTORE_TESTS_ROOT"])


def _name_of_ready() -> str:
    """Another for every run: two that share a server may have other migrations."""
    return f"ready_{hashlib.sha256(str(_root()).encode()).hexdigest()[:12]}"


def _prepare(data_dir: Path, **said: str) -> None:
    manage(environment_of(data_dir, DEMO="off", **said), "prepare")


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Among all processes of a run."""
    with (_root() / "tables.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _is_there(database: str) -> bool:
    asked = "SELECT 1 FROM pg_database WHERE datname = %s"
    with psycopg.connect(os.environ["TEST_DATABASE_URL"]) as connection:
        return connection.execute(asked, [database]).fetchone() is not None


def _run_sql(statement: str) -> None:
    with psycopg.connect(os.environ["TEST_DATABASE_URL"], autocommit=True) as connection:
        connection.execute(statement)


if __name__ == "__main__":
    ready_tables()
