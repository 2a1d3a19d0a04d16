"""Run management commands in separate processes with their own data."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
# A started process must not inherit the settings of the tests or of the shell.
NOT_INHERITED = {
    "DATABASE_URL",
    "DJANGO_SETTINGS_MODULE",
    "SECRET_KEY",
    "ADDRESS_SALT",
    "PYTEST_CURRENT_TEST",
    # A server deletes old metrics when it starts; here, those of the running tests.
    "PROMETHEUS_MULTIPROC_DIR",
}


def environment_of(data_dir: Path, **variables: str) -> dict[str, str]:
    """Environment of a process with this data directory and these variables."""
    inherited_names = {
        name: value for name, value in os.environ.items() if name not in NOT_INHERITED
    }
    return (
        inherited_names | {"CLAWSTORE_MODE": "development", "DATA_DIR": str(data_dir)} | variables
    )


def manage(environment: dict[str, str], *arguments: str, stdin: str = "") -> str:
    """Run ``manage.py``; return its standard output."""
    result = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment,
        input=stdin,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout
