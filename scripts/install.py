"""Install the locked, hashed dependencies into .venv when the lock has changed.

Runs on the system's Python before anything is installed, so it uses only the standard library.
Use: python3 scripts/install.py base|test
"""

import hashlib
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ROOT / "requirements"
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"


def install(kind: str) -> None:
    """Make the environment equal to a lock; a stamp file avoids repeating it."""
    stamp, current = VENV / f".installed-{kind}", fingerprint(kind)
    if stamp.exists() and stamp.read_text() == current:
        return
    print(f"Setting up .venv from requirements/{kind}.lock …", flush=True)
    if not has_working_venv():
        run(sys.executable, "-m", "venv", "--clear", str(VENV))
    if not (VENV / "bin" / "uv").exists():
        pip_install("bootstrap")
    if not uv_install(kind):
        print("uv cannot run here; using pip.", flush=True)
        pip_install(kind)
    stamp.write_text(current)


def fingerprint(kind: str) -> str:
    """A hash of the locks, the interpreter and the path of the venv."""
    locks = b"".join((LOCKS / f"{name}.lock").read_bytes() for name in ("bootstrap", kind))
    return hashlib.sha256(f"{sys.version}\n{VENV}\n".encode() + locks).hexdigest()


def has_working_venv() -> bool:
    """False if there is no venv, or its interpreter was replaced or moved."""
    try:
        return subprocess.run([PYTHON, "-c", ""], capture_output=True).returncode == 0
    except OSError:
        return False


def uv_install(kind: str) -> bool:
    """Install with uv; True on success. Compiling now makes the first start quicker."""
    command = [VENV / "bin" / "uv", "pip", "install", "--quiet", "--compile-bytecode"]
    command += ["--python", PYTHON, "--require-hashes", "-r", LOCKS / f"{kind}.lock"]
    try:
        return subprocess.run(command).returncode == 0
    except OSError:
        return False


def pip_install(kind: str) -> None:
    command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    run(*command, "--require-hashes", "-r", str(LOCKS / f"{kind}.lock"))


def run(*command: str) -> None:
    result = subprocess.run(command)
    if result.returncode:
        sys.exit(f"Setup failed: {' '.join(command)}")


if __name__ == "__main__":
    if sys.version_info < (3, 11):  # noqa: UP036  (reports an older one)
        sys.exit("Clawstore needs Python 3.11 or newer: make PYTHON=python3.11 …")
    install(sys.argv[1])
