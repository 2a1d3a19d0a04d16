"""The real npm client: set up once from its lock file, run in a home folder of its own."""

import hashlib
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
CLIENT = HERE / "node_modules" / ".bin" / "clawstore"
LOCK = HERE / "package-lock.json"
STAMP = HERE / "node_modules" / ".installed-from"


def prepare_client() -> str:
    """Install what the lock file says; gives why it cannot be done here, or nothing."""
    if not shutil.which("node"):
        return "no Node"
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if CLIENT.exists() and STAMP.exists() and STAMP.read_text() == wanted:
        return ""
    if not shutil.which("npm"):
        return "no npm"
    command = ["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(command, cwd=HERE, stdin=subprocess.DEVNULL)
    if done.returncode:
        return "npm ci did not succeed"
    STAMP.write_text(wanted)
    return ""
