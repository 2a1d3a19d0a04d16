"""The real npm client, installed once from its lock file."""

import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.support.servers.shop import LiveShop

HERE = Path(__file__).resolve().parent
CLIENT = HERE / "node_modules" / ".bin" / "clawstore"
LOCK = HERE / "package-lock.json"
STAMP = HERE / "node_modules" / ".installed-from"


def prepare_client() -> str:
    """Install the locked client; return the reason why that is impossible, or ""."""
    if not shutil.which("node"):
        return "no Node"
    digest = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if CLIENT.exists() and STAMP.exists() and STAMP.read_text() == digest:
        return ""
    if not shutil.which("npm"):
        return "no npm"
    command = ["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"]
    result = subprocess.run(command, cwd=HERE, stdin=subprocess.DEVNULL)
    if result.returncode:
        return "npm ci did not succeed"
    STAMP.write_text(digest)
    return ""


@dataclass(frozen=True)
class Done:
    """A finished command: exit code and output without terminal sequences."""

    code: int
    out: str


class NpmClient:
    """One installation: a home folder with token and installed agents."""

    def __init__(self, home: Path, shop: LiveShop) -> None:
        self.home = home
        self.shop = shop
        # The login opens a browser; `true` does nothing instead.
        inherited_names = {"PATH", "LANG", "NODE_EXTRA_CA_CERTS"}
        variables = {k: v for k, v in os.environ.items() if k in inherited_names}
        self.environment = variables | {
            "HOME": str(home),
            "BROWSER": "true",
            "CLAWSTORE_API_URL": f"{shop.url}/v1",
        }

    def run(self, *arguments: str, cwd: Path | None = None) -> Done:
        result = subprocess.run(
            [CLIENT, *arguments],
            cwd=cwd or self.home,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
        )
        return Done(result.returncode, readable(result.stdout))

    def login(self, decide: Callable[[str], object]) -> Done:
        """Log in; ``decide`` gets the address that the client shows."""
        command = subprocess.Popen(
            [CLIENT, "login"],
            cwd=self.home,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            assert command.stdout
            output = ""
            while not (match := re.search(r"URL: (\S+)\s", output)):
                line = command.stdout.readline()
                assert line, f"login ended before it showed an address:\n{output}"
                output += line
            decide(match[1])
            remaining_output, _ = command.communicate(timeout=60)
        finally:
            command.kill()
            command.wait()
        return Done(command.returncode, readable(output + remaining_output))


def readable(text: str) -> str:
    """The output without cursor sequences and the text they overwrite."""
    text = re.sub(r"^.*\x1b\[999D\x1b\[J", "", text, flags=re.MULTILINE)
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)
