"""A real S3 server that checks signatures: radosgw on one in-memory Ceph OSD.

Simpler imitations accept unsigned requests, so they prove nothing about credentials.
"""

import shutil
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import httpx

from tests.support.servers.lifetime import end_with_parent
from tests.support.servers.no_tls import NO_TLS
from tests.support.servers.shop import free_port

NEEDED = ("ceph", "ceph-authtool", "ceph-mon", "ceph-osd", "monmaptool", "radosgw", "radosgw-admin")
START_TIMEOUT = 90
CONFIGURATION = """
[global]
fsid = {fsid}
mon host = [v2:127.0.0.1:{mon_port}]
mon data = {folder}/mon
osd data = {folder}/osd
keyring = {folder}/keyring
run dir = {folder}
admin socket =
log file = {folder}/$name.log
auth cluster required = cephx
auth service required = cephx
auth client required = cephx
mon allow pool size one = true
osd objectstore = memstore
memstore device bytes = 1073741824
osd crush chooseleaf type = 0
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pg autoscale mode = off
rgw frontends = beast endpoint=127.0.0.1:{port}
rgw dns name = 127.0.0.1
rgw enable usage log = false
"""


@dataclass(frozen=True, slots=True)
class S3Server:
    endpoint_url: str
    access_key: str
    secret_key: str

    def client(self, **credentials: str) -> Any:
        """A boto3 client, by default with the owner's credentials."""
        keys = {"aws_access_key_id": self.access_key, "aws_secret_access_key": self.secret_key}
        return boto3.client("s3", endpoint_url=self.endpoint_url, **(keys | credentials))

    def new_bucket(self) -> "Bucket":
        name = f"claw-{uuid.uuid4().hex[:12]}"
        self.client().create_bucket(Bucket=name)
        return Bucket(name, self)


@dataclass(frozen=True, slots=True)
class Bucket:
    name: str
    server: S3Server

    @property
    def environment(self) -> dict[str, str]:
        """Environment variables that make a shop use this bucket."""
        return {
            "S3_BUCKET": self.name,
            "S3_ENDPOINT_URL": self.server.endpoint_url,
            "S3_ACCESS_KEY_ID": self.server.access_key,
            "S3_SECRET_ACCESS_KEY": self.server.secret_key,
        }

    @property
    def options(self) -> dict[str, str]:
        """Options of the storage class for this bucket."""
        return {
            "bucket_name": self.name,
            "endpoint_url": self.server.endpoint_url,
            "access_key": self.server.access_key,
            "secret_key": self.server.secret_key,
        }

    def objects(self) -> dict[str, Any]:
        """The objects in the bucket: metadata by key."""
        client = self.server.client()
        entries = client.list_objects_v2(Bucket=self.name).get("Contents", [])
        keys = [entry["Key"] for entry in entries]
        return {key: client.head_object(Bucket=self.name, Key=key) for key in keys}


def missing_for_s3() -> str:
    """The reason why this machine cannot run the server, or ""."""
    missing_names = [program for program in NEEDED if not shutil.which(program)]
    return f"not installed: {', '.join(missing_names)}" if missing_names else ""


@contextmanager
def s3_server() -> Iterator[S3Server]:
    """Yield a server that stops with the block. It starts within about 12 s."""
    with tempfile.TemporaryDirectory(prefix="claw-s3-") as name:
        cluster = Cluster(Path(name))
        try:
            cluster.start()
            yield S3Server(f"http://127.0.0.1:{cluster.port}", *cluster.make_user())
        finally:
            cluster.stop()


class Cluster:
    """One monitor, one in-memory OSD, one gateway."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.osd = str(uuid.uuid4())
        self.fsid = str(uuid.uuid4())
        self.mon_port = free_port()
        self.configuration = folder / "ceph.conf"
        self.daemons: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        values = {k: v for k, v in vars(self).items() if k != "configuration"}
        self.configuration.write_text(CONFIGURATION.format(**values))
        self._make_keys()
        self._start_monitor()
        self._start_osd()
        self._start("radosgw", "-n", "client.admin")
        self._wait_for_gateway()

    def _make_keys(self) -> None:
        key = ["ceph-authtool", f"{self.folder}/keyring", "--gen-key", "--cap", "mon", "allow *"]
        all_texts = ["--cap", "osd", "allow *", "--cap", "mgr", "allow *"]
        _run(*key, "--create-keyring", "-n", "mon.")
        _run(*key, "-n", "client.admin", *all_texts)

    def _start_monitor(self) -> None:
        monmap = f"{self.folder}/monmap"
        address = f"[v2:127.0.0.1:{self.mon_port}]"
        _run("monmaptool", "--create", "--fsid", self.fsid, "--addv", "a", address, monmap)
        self._ceph("ceph-mon", "--mkfs", "-i", "a", "--monmap", monmap)
        self._start("ceph-mon", "-i", "a")

    def _start_osd(self) -> None:
        (self.folder / "osd").mkdir()
        keyring = f"{self.folder}/osd/keyring"
        _run("ceph-authtool", keyring, "--create-keyring", "--gen-key", "-n", "osd.0")
        self._ceph("ceph", "osd", "new", self.osd)
        capabilities = ["osd", "allow *", "mon", "allow profile osd"]
        self._ceph("ceph", "auth", "add", "osd.0", *capabilities, "-i", keyring)
        osd = ["ceph-osd", "-i", "0", "--keyring", keyring]
        self._ceph(*osd, "--mkfs", "--osd-uuid", self.osd)
        self._start(*osd)

    def _wait_for_gateway(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT
        while True:
            with suppress(httpx.TransportError):
                httpx.get(f"http://127.0.0.1:{self.port}/", verify=NO_TLS)
                return
            assert all(daemon.poll() is None for daemon in self.daemons), self._logs()
            assert time.monotonic() < deadline, self._logs()
            time.sleep(0.2)

    def make_user(self) -> tuple[str, str]:
        """Create a user; return its access key and secret key."""
        access_key, secret_key = uuid.uuid4().hex[:20].upper(), uuid.uuid4().hex
        self._ceph("radosgw-admin", "user", "create", "--uid", "shop", "--display-name", "Shop",
                   "--access-key", access_key, "--secret-key", secret_key)  # fmt: skip
        return access_key, secret_key

    def stop(self) -> None:
        """Stop all daemons, in reverse order; kill those that do not stop within 3 s."""
        for daemon in reversed(self.daemons):
            daemon.terminate()
            with suppress(subprocess.TimeoutExpired):
                daemon.wait(3)
            daemon.kill()
            daemon.wait()

    def _start(self, *command: str) -> None:
        daemon = subprocess.Popen(
            [*command, "-f", "-c", str(self.configuration)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=end_with_parent,
        )
        self.daemons.append(daemon)

    def _ceph(self, *command: str) -> None:
        _run(*command, "-c", str(self.configuration))

    def _logs(self) -> str:
        return "\n".join(log.read_text()[-2000:] for log in self.folder.glob("*.log"))


def _run(*command: str) -> None:
    result = subprocess.run(command, capture_output=True, text=True, timeout=START_TIMEOUT)
    assert result.returncode == 0, f"{' '.join(command)}\n{result.stdout}{result.stderr}"
