"""SQLite to PostgreSQL and back: the documented way to change the database engine."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.catalogue import contents
from tests.support.servers.commands import ROOT, environment_of
from tests.support.servers.postgresql import embedded_postgresql
from tests.support.servers.tables import copy_tables, postgresql_database

pytestmark = pytest.mark.postgresql

RUN = """
import sys, django
from django.core.management import call_command
django.setup()
for line in sys.stdin.read().splitlines():
    call_command(*line.split())
"""


def manage(data_dir: Path, database: str, *commands: str) -> None:
    """Run management commands on one database, in a process of its own."""
    django = {"DATABASE_URL": database, "DJANGO_SETTINGS_MODULE": "clawstore.settings"}
    result = subprocess.run(
        [sys.executable, "-c", RUN],
        cwd=ROOT,
        env=environment_of(data_dir, **django),
        input="\n".join(["migrate --verbosity=0", *commands]),
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stdout + result.stderr


def a_sqlite(path: Path) -> str:
    copy_tables(path)
    return f"sqlite:///{path}"


@contextmanager
def a_postgresql() -> Iterator[str]:
    """An empty database, on the server of the tests if there is one."""
    if os.environ.get("TEST_DATABASE_URL"):
        with postgresql_database() as url:
            yield url
    else:
        with embedded_postgresql() as url:
            yield url


def test_backup_is_equal_on_both_databases(tmp_path: Path) -> None:
    source, first, second, third = (tmp_path / name for name in ("made", "1", "2", "3"))
    manage(
        tmp_path / "sqlite",
        a_sqlite(tmp_path / "first.sqlite3"),
        f"make_catalogue {source} --agents 40 --files 3",
        f"import_catalogue {source}",
        "create_key ada --create --scope read --name laptop",
        "grant_role ada maintainer",
        f"export_catalogue {first} --private",
    )
    with a_postgresql() as postgresql:
        manage(
            tmp_path / "postgresql",
            postgresql,
            f"import_catalogue {first}",
            "recount",
            f"export_catalogue {second} --private",
        )
    manage(
        tmp_path / "back",
        a_sqlite(tmp_path / "third.sqlite3"),
        f"import_catalogue {second}",
        f"export_catalogue {third} --private",
    )

    assert contents(second) == contents(first)
    assert contents(third) == contents(first)
