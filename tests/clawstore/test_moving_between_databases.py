"""SQLite to PostgreSQL and back: the documented way to change the database engine."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.clawstore.houses import contents
from tests.servers.postgresql import embedded_postgresql
from tests.servers.shop import postgresql_database

ROOT = Path(__file__).resolve().parents[2]
RUN = """
import sys, django
from django.core.management import call_command
django.setup()
for line in sys.stdin.read().splitlines():
    call_command(*line.split())
"""
NOT_INHERITED = {"DATABASE_URL", "SECRET_KEY", "ADDRESS_SALT"}


def manage(data_dir: Path, database: str, *commands: str) -> None:
    """Run management commands on one database, in a process of its own."""
    inherited = {key: value for key, value in os.environ.items() if key not in NOT_INHERITED}
    ours = {
        "CLAWSTORE_MODE": "development",
        "DATA_DIR": str(data_dir),
        "DATABASE_URL": database,
        "DJANGO_SETTINGS_MODULE": "clawstore.settings",
    }
    done = subprocess.run(
        [sys.executable, "-c", RUN],
        cwd=ROOT,
        env=inherited | ours,
        input="\n".join(["migrate --verbosity=0", *commands]),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@contextmanager
def a_postgresql() -> Iterator[str]:
    """An empty database, on the server of the tests where they have one."""
    if os.environ.get("TEST_DATABASE_URL"):
        with postgresql_database() as url:
            yield url
    else:
        with embedded_postgresql() as url:
            yield url


def test_a_backup_is_the_same_on_either_database(tmp_path: Path) -> None:
    made, first, second, third = (tmp_path / name for name in ("made", "1", "2", "3"))
    manage(
        tmp_path / "sqlite",
        f"sqlite:///{tmp_path / 'first.sqlite3'}",
        f"make_catalogue {made} --agents 40 --files 3",
        f"import_catalogue {made}",
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
        f"sqlite:///{tmp_path / 'third.sqlite3'}",
        f"import_catalogue {second}",
        f"export_catalogue {third} --private",
    )

    assert contents(second) == contents(first)
    assert contents(third) == contents(first)
