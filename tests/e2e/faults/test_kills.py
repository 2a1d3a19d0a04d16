"""SIGKILL during migrations and an import: a second run finishes."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.apps import apps

from tests.support.servers.commands import ROOT, environment_of, manage
from tests.support.servers.lifetime import end_with_parent
from tests.support.servers.postgresql import controlled_postgresql
from tests.support.servers.tables import copy_tables

pytestmark = pytest.mark.live
# Applied migrations at which the command is killed.
KILLED_AT = (20,)


def kill_when(environment: dict[str, str], command: list[str], is_time: Callable[[], bool]) -> bool:
    """Start a command and kill it at that time; False if it ended before."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", *command],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        process_group=0,
        preexec_fn=end_with_parent,
    )
    deadline = time.monotonic() + 120
    while process.poll() is None and not is_time() and time.monotonic() < deadline:
        time.sleep(0.005)
    if process.poll() is not None:
        return False
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return True


def sqlite_rows(path: Path, query: str) -> list[tuple[Any, ...]]:
    if not path.exists():
        return []
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5)
    try:
        return connection.execute(query).fetchall()
    except sqlite3.OperationalError:  # The table is not there yet.
        return []
    finally:
        connection.close()


def test_killed_migrations_finish_on_sqlite(tmp_path: Path):
    environment = environment_of(tmp_path, DEMO="off")
    path = tmp_path / "clawstore.sqlite3"

    def applied() -> int:
        return len(sqlite_rows(path, "SELECT 1 FROM django_migrations"))

    for count in KILLED_AT:
        assert kill_when(environment, ["prepare"], lambda count=count: applied() >= count)
        assert applied() < 200
    manage(environment, "prepare")

    copy_tables(tmp_path / "good.sqlite3")
    schema = "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY name"
    names = "SELECT app, name FROM django_migrations ORDER BY app, name"
    for query in (schema, names):
        rows = sqlite_rows(path, query)
        assert rows
        assert rows == sqlite_rows(tmp_path / "good.sqlite3", query)
    assert sqlite_rows(path, "PRAGMA integrity_check") == [("ok",)]


def test_killed_migrations_finish_on_postgresql(tmp_path: Path):
    """Those of the largest app: to migrate all takes twenty seconds more."""
    command = ["migrate", "registry"]
    with controlled_postgresql() as server:
        environment = environment_of(tmp_path, DEMO="off", DATABASE_URL=server.url)

        def rows(query: str) -> list[tuple[Any, ...]]:
            with psycopg.connect(server.url) as connection:
                try:
                    return connection.execute(query).fetchall()
                except psycopg.errors.UndefinedTable:
                    return []

        def applied() -> int:
            return len(rows("SELECT 1 FROM django_migrations"))

        for count in KILLED_AT:
            assert kill_when(environment, command, lambda count=count: applied() >= count)
        manage(environment, *command)

        columns = rows(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE table_schema = 'public'"
        )
        names = "SELECT name FROM django_migrations WHERE app = 'registry' ORDER BY name"
        migrations = rows(names)
    good = tmp_path / "good.sqlite3"
    copy_tables(good)
    query = (
        "SELECT tables.name, columns.name FROM sqlite_master AS tables,"
        " pragma_table_xinfo(tables.name) AS columns"
        " WHERE tables.type = 'table' AND tables.name NOT LIKE 'sqlite_%'"
    )
    tables = {model._meta.db_table for model in apps.get_app_config("registry").get_models()}
    assert sorted(column for column in columns if column[0] in tables) == sorted(
        column for column in sqlite_rows(good, query) if column[0] in tables
    )
    assert migrations == sqlite_rows(good, names)


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export of the demo."""
    folder = tmp_path_factory.mktemp("origin")
    copy_tables(folder / "clawstore.sqlite3")
    environment = environment_of(folder)
    manage(environment, "load_demo")
    manage(environment, "export_catalogue", str(folder / "export"), "--private")
    return folder


def stored_files(folder: Path) -> dict[str, int]:
    """Sizes of the exported files by key, without drafts of a killed process.

    Small copies of images are no part of an export, because they are made again (ADR 29).
    """
    root = folder / "files"
    return {
        str(path.relative_to(root)): path.stat().st_size
        for path in root.rglob("*")
        if path.is_file() and path.suffix != ".part" and path.relative_to(root).parts[0] != "small"
    }


def test_killed_import_leaves_nothing_half_and_finishes(catalogue: Path, tmp_path: Path):
    """Killed while files are copied: rows are written then, not committed."""
    copy_tables(tmp_path / "clawstore.sqlite3")
    environment = environment_of(tmp_path)
    command = ["import_catalogue", str(catalogue / "export")]
    agents = "SELECT count(*) FROM agents"

    assert kill_when(environment, command, lambda: len(stored_files(tmp_path)) >= 60)
    assert sqlite_rows(tmp_path / "clawstore.sqlite3", agents) == [(0,)]
    manage(environment, *command)

    origin = catalogue / "clawstore.sqlite3"
    for table in ("agents", "versions", "files", "reviews", "users"):
        count = f"SELECT count(*) FROM {table}"
        assert sqlite_rows(tmp_path / "clawstore.sqlite3", count) == sqlite_rows(origin, count)
    assert stored_files(tmp_path) == stored_files(catalogue)
    manage(environment, "recount")
