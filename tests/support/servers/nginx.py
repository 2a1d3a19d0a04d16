"""A real nginx with deploy/nginx.conf, in front of any server."""

import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.servers.commands import ROOT
from tests.support.servers.lifetime import end_with_parent
from tests.support.servers.shop import free_port

START_TIMEOUT = 20
# What the distribution's main file has around the files of conf.d.
MAIN = """
daemon off;
user root;
worker_processes 1;
pid nginx.pid;
error_log error.log;
events { worker_connections 256; }
http {
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    sendfile on;
    gzip on;
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    include clawstore.conf;
}
"""


def missing_for_nginx() -> str:
    """The reason why this machine cannot run the server, or ""."""
    missing_names = [name for name in ("nginx", "openssl") if not shutil.which(name)]
    return f"not installed: {', '.join(missing_names)}" if missing_names else ""


@dataclass(frozen=True)
class Nginx:
    """A running proxy; its certificate is its own authority."""

    host: str
    https_port: int
    http_port: int
    certificate: Path

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.https_port}"


@contextmanager
def nginx_before(
    upstream_port: int, *, host: str, static: Path, folder: Path, files: Path | None = None
) -> Iterator[Nginx]:
    """Yield a proxy that stops with the block; ``files`` are the stored ones."""
    folder.mkdir(parents=True, exist_ok=True)
    nginx = Nginx(host, free_port(), free_port(), folder / "fullchain.pem")
    _make_certificate(folder, host)
    (folder / "nginx.conf").write_text(MAIN)
    (folder / "clawstore.conf").write_text(
        _configured(nginx, upstream_port, static, files or folder, folder)
    )
    command = ["nginx", "-p", str(folder), "-c", "nginx.conf", "-e", str(folder / "error.log")]
    check = subprocess.run([*command, "-t"], capture_output=True, text=True)
    assert check.returncode == 0, check.stderr
    server = subprocess.Popen(command, preexec_fn=end_with_parent)
    try:
        _wait_until_ready(nginx, server, folder)
        yield nginx
    finally:
        server.terminate()
        server.wait(10)


def _configured(nginx: Nginx, upstream_port: int, static: Path, files: Path, folder: Path) -> str:
    """The file of the repository with only the marked values and the ports replaced."""
    text = (ROOT / "deploy/nginx.conf").read_text()
    replacements = {
        "server 127.0.0.1:8000;": f"server 127.0.0.1:{upstream_port};",
        "server_name claws.example.org;": f"server_name {nginx.host};",
        "/etc/ssl/clawstore/": f"{folder}/",
        "/var/lib/clawstore/static/": f"{static}/",
        "/var/lib/clawstore/files/": f"{files}/",
    }
    for old, new in replacements.items():
        assert old in text
        text = text.replace(old, new)
    # The machine of the tests may have no IPv6.
    text = re.sub(r"\n    listen \[::\]:.*", "", text)
    text = re.sub(r"listen 443 ", f"listen 127.0.0.1:{nginx.https_port} ", text)
    return re.sub(r"listen 80\b", f"listen 127.0.0.1:{nginx.http_port}", text)


def _make_certificate(folder: Path, host: str) -> None:
    subprocess.run(
        [
            *["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
            *["-nodes", "-days", "2", "-subj", f"/CN={host}"],
            *["-addext", f"subjectAltName=DNS:{host},IP:127.0.0.1"],
            *["-keyout", str(folder / "privkey.pem"), "-out", str(folder / "fullchain.pem")],
        ],
        check=True,
        capture_output=True,
    )


def _wait_until_ready(nginx: Nginx, server: subprocess.Popen[bytes], folder: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", nginx.https_port)) == 0:
                return
        assert server.poll() is None, (folder / "error.log").read_text()
        assert time.monotonic() < deadline, (folder / "error.log").read_text()
        time.sleep(0.05)
