"""A real LNbits server with two wallets and no Lightning node behind it.

LNbits pins old libraries, so it has an environment of its own, made once for each list of versions.
"""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from tests.support.servers.shop import free_port

REQUIREMENTS = Path(__file__).resolve().parents[2] / "e2e" / "lnbits" / "requirements.txt"
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "clawstore-tests"
START_TIMEOUT = 90
SERVE = "from lnbits.server import main; main()"
VARIABLES = {
    "HOST": "127.0.0.1",
    "LNBITS_ADMIN_UI": "true",
    "LNBITS_BACKEND_WALLET_CLASS": "FakeWallet",
    "AUTH_HTTPS_ONLY": "false",
    "FIRST_INSTALL_TOKEN": "first",
    "AUTH_SECRET_KEY": "a secret of one test run",
    "LNBITS_CALLBACK_ALLOW_PRIVATE_IPS": "true",
    "LNBITS_CALLBACK_URL_RULES": "[]",
    "LNBITS_PRICE_AGGREGATOR_ENABLED": "false",
    "LNBITS_EXCHANGE_RATE_PROVIDERS": "[]",
    "LNBITS_EXTENSIONS_MANIFESTS": "[]",
    "LNBITS_WASM_EXTENSIONS_MANIFESTS": "[]",
    "LNBITS_RATE_LIMIT_NO": "100000",
}
_lock = Lock()


def environment_folder() -> Path:
    digest = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()[:16]
    return CACHE / f"lnbits-{digest}"


def prepare_lnbits() -> str:
    """Install the server once; return the reason why that is impossible, or "".

    `scripts/test.py` begins with it beside the first tests, because it takes a minute.
    """
    with _lock:
        folder = environment_folder()
        stamp = folder / ".complete"
        if stamp.exists():
            return ""
        shutil.rmtree(folder, ignore_errors=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        uv, python = Path(sys.executable).with_name("uv"), folder / "bin" / "python"
        install = [str(uv), "pip", "install", "--quiet", "--no-deps", "--python", str(python)]
        for command in (
            [sys.executable, "-m", "venv", "--without-pip", str(folder)],
            [*install, "-r", str(REQUIREMENTS)],
        ):
            result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True)
            if result.returncode:
                shutil.rmtree(folder, ignore_errors=True)
                return "LNbits could not be installed"
        stamp.touch()
        return ""


@dataclass
class Lnbits:
    """The server, with the seller's invoice key and the buyer's key that pays."""

    url: str
    process: subprocess.Popen[bytes]
    invoice_key: str = ""
    buyer_key: str = ""

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Return the JSON of an answer. Raises HTTPError."""
        data = None if body is None else json.dumps(body).encode()
        all_headers = {"Content-Type": "application/json"} | headers
        request = Request(self.url + path, data, all_headers, method=method)
        with urlopen(request, timeout=20) as response:
            return json.loads(response.read())

    def pay(self, invoice: str) -> str:
        """Pay an invoice from the buyer's wallet; return the preimage."""
        answer = self.call(
            "POST",
            "/api/v1/payments",
            {"out": True, "bolt11": invoice},
            **{"X-Api-Key": self.buyer_key},
        )
        state = self.call(
            "GET", f"/api/v1/payments/{answer['payment_hash']}", **{"X-Api-Key": self.buyer_key}
        )
        return str(state["preimage"])

    @contextmanager
    def silent(self) -> Iterator[None]:
        """The server takes connections and answers nothing inside the block."""
        os.killpg(self.process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.killpg(self.process.pid, signal.SIGCONT)


@contextmanager
def lnbits_server() -> Iterator[Lnbits]:
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="claw-lnbits-") as folder:
        site = next(environment_folder().glob("lib/python*/site-packages"))
        # It looks for its own files beside the folder where it starts.
        Path(folder, "lnbits").symlink_to(site / "lnbits")
        places = {
            "PORT": str(port),
            "LNBITS_DATA_FOLDER": f"{folder}/data",
            "LNBITS_EXTENSIONS_PATH": f"{folder}/ext",
        }
        process = subprocess.Popen(
            [str(environment_folder() / "bin" / "python"), "-c", SERVE],
            cwd=folder,
            env={"PATH": os.environ["PATH"], "HOME": folder} | VARIABLES | places,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            # The parent leaves its serving child alive, so the whole group is ended.
            start_new_session=True,
        )
        try:
            server = Lnbits(f"http://127.0.0.1:{port}", process)
            _set_up(server)
            yield server
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)


def _set_up(server: Lnbits) -> None:
    """Make an account with the wallets of a seller and of a buyer with money."""
    password = {"username": "admin", "password": "secret1234", "password_repeat": "secret1234"}
    wish = password | {"first_install_token": VARIABLES["FIRST_INSTALL_TOKEN"]}
    token = _wait_for(server, lambda: server.call("PUT", "/api/v1/auth/first_install", wish))
    bearer = {"Authorization": f"Bearer {token['access_token']}"}
    seller, buyer = (
        server.call("POST", "/api/v1/wallet", {"name": name}, **bearer)
        for name in ("seller", "buyer")
    )
    money = {"id": buyer["id"], "amount": 5000}
    server.call("PUT", "/users/api/v1/balance", money, **bearer)
    server.invoice_key, server.buyer_key = seller["inkey"], buyer["adminkey"]


def _wait_for(server: Lnbits, ask: Any) -> Any:
    deadline = time.monotonic() + START_TIMEOUT
    while True:
        try:
            return ask()
        except (HTTPError, URLError, OSError, ValueError):
            assert server.process.poll() is None, "LNbits ended by itself"
            assert time.monotonic() < deadline, "LNbits did not answer"
            time.sleep(0.2)
