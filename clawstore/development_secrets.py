"""Secrets that development creates for itself."""

import secrets
from pathlib import Path

from clawstore.environment import Environment


def secret_value(env: Environment, name: str, folder: Path) -> str:
    """A secret from the environment; in development created once in the folder.

    Sessions and keys therefore survive a restart.
    """
    value = env.secret(name)
    if value or env.problems:
        return value
    path = folder / f"{name.lower()}.secret"
    if not path.exists():
        _write_once(path, secrets.token_urlsafe(48))
    return path.read_text(encoding="ascii").strip()


def _write_once(path: Path, text: str) -> None:
    # If two processes start at once, the first to link its file wins and both read the same.
    draft = path.with_suffix(f".{secrets.token_hex(4)}")
    draft.touch(mode=0o600)
    draft.write_text(text, encoding="ascii")
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
