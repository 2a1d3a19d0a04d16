"""Commands of the shop in processes of their own, on data of their own."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
# Whatever the tests' own settings or the person's shell say, such a process starts from nothing.
NOT_INHERITED = {
    "DATABASE_URL",
    "DJANGO_SETTINGS_MODULE",
    "SECRET_KEY",
    "ADDRESS_SALT",
    "PYTEST_CURRENT_TEST",
}


def environment_of(data_dir: Path, **said: str) -> dict[str, str]:
    """What a process with this data finds: ours, and what is ``said``."""
    inherited = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
    return inherited | {"CLAWSTORE_MODE": "development", "DATA_DIR": str(data_dir)} | said


def manage(environment: dict[str, str], *arguments: str, stdin: str = "") -> str:
    """Run ``manage.py``; gives its standard output."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment,
        input=stdin,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
