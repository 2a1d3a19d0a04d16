"""The release: processes with one release build equal pages of equal data."""

import json
from collections.abc import Iterator
from functools import cache
from hashlib import blake2b
from importlib.metadata import distributions
from pathlib import Path

from django.conf import settings

SOURCES = {".py", ".html", ".xml", ".txt", ".svg", ".mo", ".json", ".js", ".css"}
# Neither code nor templates.
NOT_READ = {"tests", "docs", "demo", "bench", "node_modules", "__pycache__"}
# Names of settings that are secret, or differ between the processes of one site.
NOT_PUBLIC = ("SECRET", "SALT", "TOKEN", "PASSWORD", "KEY", "DATABASE", "CACHES", "LOGGING")


@cache
def release() -> str:
    """A hash of code, templates, installed packages and public settings."""
    digest = blake2b(digest_size=12)
    for path in _source_files(Path(settings.BASE_DIR)):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    for package in sorted(f"{package.name} {package.version}" for package in distributions()):
        digest.update(package.encode())
    digest.update(json.dumps(_public_settings(), sort_keys=True, default=type_name).encode())
    return digest.hexdigest()


def type_name(value: object) -> str:
    """The type name of a setting without a plain value.

    Its ``repr`` may contain a memory address.
    """
    return type(value).__name__


def _source_files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.name in NOT_READ:
            continue
        if path.is_dir():
            yield from _source_files(path)
        elif path.suffix in SOURCES:
            yield path


def _public_settings() -> dict[str, object]:
    names = [name for name in dir(settings) if name.isupper()]
    return {
        name: getattr(settings, name)
        for name in names
        if not any(word in name for word in NOT_PUBLIC)
    }
