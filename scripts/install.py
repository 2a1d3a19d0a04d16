"""Set up .venv with the locked, hashed dependencies, and only when the lock has changed.

Runs on the system's Python before anything is installed, so it needs the standard library alone.
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
    """Make the environment equal to the lock of this kind; a stamp remembers that it is."""
    stamp, wanted = VENV / f".installed-{kind}", fingerprint(kind)
    if stamp.exists() and stamp.read_text() == wanted:
        return
    print(f"Setting up .venv from requirements/{kind}.lock …", flush=True)
    if not is_alive():
        run(sys.executable, "-m", "venv", "--clear", str(VENV))
    if not (VENV / "bin" / "uv").exists():
        pip_install("bootstrap")
    if not uv_install(kind):
        print("uv cannot run here; pip takes over.", flush=True)
        pip_install(kind)
    stamp.write_text(wanted)


def fingerprint(kind: str) -> str:
    """Changes with the locks, the interpreter and the place (scripts in a venv name its path)."""
    locks = b"".join((LOCKS / f"{name}.lock").read_bytes() for name in ("bootstrap", kind))
    return hashlib.sha256(f"{sys.version}\n{VENV}\n".encode() + locks).hexdigest()


def is_alive() -> bool:
    """False where there is none yet, and where its interpreter has been replaced or moved."""
    try:
        return subprocess.run([PYTHON, "-c", ""], capture_output=True).returncode == 0
    except OSError:
        return False


def uv_install(kind: str) -> bool:
    """True when uv did it. Compiled at once: the first start is then as quick as the second."""
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
    finished = subprocess.run(command)
    if finished.returncode:
        sys.exit(f"This failed, so the setup stops here: {' '.join(command)}")


if __name__ == "__main__":
    if sys.version_info < (3, 11):  # noqa: UP036  (this is where an older one is told)
        sys.exit("Clawstore needs Python 3.11 or newer: make PYTHON=python3.11 …")
    install(sys.argv[1])
