"""The nginx configuration of the repository, before an echo server and the shop."""

import json
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import httpx
import pytest

from tests.e2e.production.conftest import HOST, MANIFEST, ProductionShop, packed, publish
from tests.support.servers.echo import EchoServer, echo_server
from tests.support.servers.nginx import Nginx, missing_for_nginx, nginx_before
from tests.support.servers.shop import free_port

pytestmark = [pytest.mark.production, pytest.mark.nginx]
TIMEOUT = 10  # client_header_timeout and client_body_timeout


@pytest.fixture(scope="module", autouse=True)
def _nginx_is_installed() -> None:
    if missing_names := missing_for_nginx():
        pytest.skip(missing_names)


@pytest.fixture(scope="module")
def echo() -> Iterator[EchoServer]:
    with echo_server() as server:
        yield server


@pytest.fixture(scope="module")
def before_echo(echo: EchoServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    folder = tmp_path_factory.mktemp("nginx")
    with nginx_before(echo.port, host=HOST, static=folder, folder=folder) as nginx:
        yield nginx


@pytest.fixture(scope="module")
def before_shop(
    production: ProductionShop, built_static: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Nginx]:
    port = int(production.environment["PORT"])
    folder = tmp_path_factory.mktemp("nginx")
    with nginx_before(port, host=HOST, static=built_static, folder=folder) as nginx:
        yield nginx


def connected(nginx: Nginx) -> ssl.SSLSocket:
    context = ssl.create_default_context(cafile=str(nginx.certificate))
    plain = socket.create_connection(("127.0.0.1", nginx.https_port), timeout=30)
    return context.wrap_socket(plain, server_hostname=nginx.host)


def answer_to(nginx: Nginx, request: bytes) -> bytes:
    """Everything that the server sends until it closes, or is quiet for a moment."""
    answer = b""
    with connected(nginx) as client, suppress(TimeoutError, ConnectionResetError, ssl.SSLEOFError):
        client.sendall(request)
        client.settimeout(0.7)
        while piece := client.recv(65536):
            answer += piece
    return answer


def client_of(nginx: Nginx) -> httpx.Client:
    def set_name(request: httpx.Request) -> None:
        request.extensions["sni_hostname"] = nginx.host

    return httpx.Client(
        base_url=nginx.url,
        verify=ssl.create_default_context(cafile=str(nginx.certificate)),
        headers={"Host": nginx.host},
        event_hooks={"request": [set_name]},
        timeout=30,
    )


class SlowClient(threading.Thread):
    """Sends a part of a request, and measures when the server closes the connection."""

    def __init__(self, nginx: Nginx, request: str) -> None:
        super().__init__(daemon=True)
        self.client = connected(nginx)
        self.client.settimeout(60)
        self.client.sendall(request.encode())
        self.answer, self.seconds = b"", 0.0

    def run(self) -> None:
        start = time.monotonic()
        with self.client, suppress(ConnectionResetError, ssl.SSLEOFError):
            self.answer = self.client.recv(4096)
        self.seconds = time.monotonic() - start


@pytest.fixture(scope="module")
def slow_clients(before_echo: Nginx) -> dict[str, SlowClient]:
    """Connections that stay silent after a part of the headers, or of the body.

    The other tests run while they wait.
    """
    length = "Content-Length: 99"
    clients = {
        "headers": SlowClient(before_echo, f"GET / HTTP/1.1\r\nHost: {HOST}\r\nAccept:"),
        "body": SlowClient(
            before_echo, f"POST /slow HTTP/1.1\r\nHost: {HOST}\r\n{length}\r\n\r\na"
        ),
    }
    for client in clients.values():
        client.start()
    return clients


@pytest.mark.usefixtures("slow_clients")
def test_only_headers_of_the_proxy_reach_the_shop(before_echo: Nginx, echo: EchoServer):
    hostile = {
        "SCRIPT_NAME": "/evil",
        "Script-Name": "/evil",
        "X_Forwarded_For": "6.6.6.6",
        "X-Forwarded-For": "6.6.6.6",
        "X-Forwarded-Proto": "http",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Port": "1",
        "X-Forwarded-Prefix": "/evil",
        "X-Forwarded-Server": "evil.example",
        "X-Forwarded-Ssl": "off",
        "X-Forwarded-Scheme": "http",
        "Forwarded": "for=6.6.6.6;host=evil.example",
        "X-Real-IP": "6.6.6.6",
        "X-Request-ID": "mine",
        "X-Original-URL": "/admin/",
        "X-Rewrite-URL": "/admin/",
        "X-HTTP-Method-Override": "DELETE",
        "Proxy": "http://evil.example",
        "Via": "1.1 evil",
        "TE": "trailers",
        "Connection": "upgrade, x-forwarded-for, host",
        "Upgrade": "websocket",
        "Accept": "text/html",
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in hostile.items())
    answer = answer_to(before_echo, f"GET /a HTTP/1.1\r\nHost: {HOST}\r\n{lines}\r\n".encode())

    # No websocket: a plain answer, not 101.
    assert answer.startswith(b"HTTP/1.1 200 ")
    headers = dict(echo.last().headers)
    assert re.fullmatch(r"[0-9a-f]{32}", headers.pop("X-Request-ID"))
    assert headers == {
        "Host": HOST,
        "X-Forwarded-For": "127.0.0.1",
        "X-Forwarded-Proto": "https",
        "Accept": "text/html",
    }


@pytest.mark.parametrize(
    "framing",
    [
        b"Content-Length: 40\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: chunked\r\nContent-Length: 40\r\n",
        b"Content-Length: 0\r\nContent-Length: 40\r\n",
        b"Content-Length: 0, 40\r\n",
        b"Content-Length: +4\r\n",
        b"Transfer-Encoding: xchunked\r\n",
        b"Transfer-Encoding: chunked, identity\r\n",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        b"Transfer-Encoding : chunked\r\n",
        b"Transfer-Encoding:\x0bchunked\r\n",
        b"X: y\r\n Transfer-Encoding: chunked\r\n",
        b"Transfer_Encoding: chunked\r\n",
    ],
)
def test_no_second_request_is_smuggled(before_echo: Nginx, echo: EchoServer, framing: bytes):
    """The proxy refuses the framing, or passes on one request with one length."""
    inner = b"GET /smuggled HTTP/1.1\r\nHost: inner\r\n\r\n"
    head = b"POST /outer HTTP/1.1\r\nHost: " + HOST.encode() + b"\r\nConnection: close\r\n"
    before = len(echo.requests)

    answer_to(before_echo, head + framing + b"\r\n0\r\n\r\n" + inner)

    passed_on = echo.requests[before:]
    assert [request.path for request in passed_on if request.path != "/outer"] == []
    assert len(passed_on) <= 1
    for request in passed_on:
        assert request.header("Transfer-Encoding") == []


def test_chunked_body_arrives_whole_with_its_length(before_echo: Nginx, echo: EchoServer):
    def pieces() -> Iterator[bytes]:
        yield from (b"one ", b"two ", b"three")

    with client_of(before_echo) as client:
        assert client.post("/chunked", content=pieces()).status_code == 200

    request = echo.last()
    assert (request.body, request.header("Content-Length")) == (b"one two three", ["13"])


def test_large_body_is_refused_unless_it_is_a_package(before_echo: Nginx, echo: EchoServer):
    body = b"x" * (1024 * 1024 + 1)
    with client_of(before_echo) as client:
        before = len(echo.requests)
        for path in ("/signin", "/v1/updates", "/v1/agents/publish/more", "/publish/drafts"):
            assert client.post(path, content=body).status_code == 413
        assert len(echo.requests) == before

        for path in ("/v1/agents/publish", "/publish"):
            assert client.post(path, content=body).status_code == 200
            assert len(echo.last().body) == len(body)


def test_large_headers_are_refused(before_echo: Nginx, echo: EchoServer):
    before = len(echo.requests)
    with client_of(before_echo) as client:
        assert client.get("/", headers={"X-Long": "x" * 9000}).status_code == 400
        assert client.get("/" + "x" * 9000).status_code == 414
    assert len(echo.requests) == before


def test_name_of_another_shop_gets_no_answer(before_echo: Nginx, echo: EchoServer):
    before = len(echo.requests)
    with socket.create_connection(("127.0.0.1", before_echo.http_port), timeout=10) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n")
        assert client.recv(100) == b""
    # The handshake is for our name, the request for another.
    assert answer_to(before_echo, b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n") == b""
    context = ssl.create_default_context(cafile=str(before_echo.certificate))
    with (
        socket.create_connection(("127.0.0.1", before_echo.https_port), timeout=10) as plain,
        pytest.raises(ssl.SSLError, match=r"(?i)unrecognized.name"),
    ):
        context.wrap_socket(plain, server_hostname="evil.example")
    assert len(echo.requests) == before


def test_plain_http_is_redirected(before_echo: Nginx):
    plain = f"http://127.0.0.1:{before_echo.http_port}"
    answer = httpx.get(f"{plain}/agents?q=a", headers={"Host": HOST})

    assert (answer.status_code, answer.headers["Location"]) == (301, f"https://{HOST}/agents?q=a")


def test_slow_uploads_hold_no_thread_of_the_shop(before_shop: Nginx):
    """More slow clients than the shop has threads."""
    head = f"POST /v1/agents/publish HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 9999\r\n\r\nhalf"
    with ExitStack() as stack:
        for _ in range(16):
            stack.enter_context(connected(before_shop)).sendall(head.encode())
        time.sleep(0.3)
        start = time.monotonic()
        with client_of(before_shop) as client:
            assert client.get("/v1/health").status_code == 200
        assert time.monotonic() - start < 2


def test_events_of_a_stream_come_through_at_once(before_shop: Nginx):
    meta = {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    }
    params = {"_meta": meta, "notifications": {"resourcesListChanged": True}}
    body = {"jsonrpc": "2.0", "id": 1, "method": "subscriptions/listen", "params": params}
    headers = {"Accept": "application/json, text/event-stream", "Mcp-Method": body["method"]}
    headers["Mcp-Protocol-Version"] = "2026-07-28"

    with (
        client_of(before_shop) as client,
        client.stream("POST", "/mcp", json=body, headers=headers) as stream,
    ):
        # The stream is open, so a proxy that collects would still have nothing to pass on.
        event = next(line for line in stream.iter_lines() if line.startswith("data:"))

    assert "acknowledged" in event


def test_pages_and_their_static_files_come_through(before_shop: Nginx):
    with client_of(before_shop) as client:
        page = client.get("/signin")
        assert page.status_code == 200
        assert page.headers["Strict-Transport-Security"].startswith("max-age=")
        assert "Secure" in page.headers["Set-Cookie"]
        # A private page is not compressed.
        assert "Content-Encoding" not in page.headers
        addresses = re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text)
        assert addresses
        for address in addresses:
            file = client.get(address, headers={"Accept-Encoding": "gzip"})
            assert file.status_code == 200
            assert file.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        styles = client.get(next(a for a in addresses if a.endswith(".css")))
        assert styles.headers["Content-Encoding"] == "gzip"
        assert styles.headers["Content-Type"] == "text/css"
        assert client.get("/static/css/shop.css").headers["Cache-Control"] == "public, max-age=60"
        missing_answer = client.get("/static/css/of-no-release.css")
        assert missing_answer.status_code == 404
        assert client.get("/static/../db.sqlite3").status_code == 404


def test_address_of_the_client_is_not_the_one_it_claims(
    before_shop: Nginx, production: ProductionShop, key: str
):
    manifest = json.dumps({**MANIFEST, "id": "@ada/proxied"}).encode()
    package = packed({"agent.json": manifest, "README.md": b"# Proxied\n\nComes through nginx.\n"})
    with client_of(before_shop) as client:
        publication = client.post(
            "/v1/agents/publish",
            headers={"Authorization": f"Bearer {key}", "X-Forwarded-For": "6.6.6.6"},
            data={"metadata": manifest.decode()},
            files={"tarball": ("proxied.tgz", package)},
        )
        assert publication.status_code in (200, 201), publication.text
        download = client.get("/v1/agents/ada/proxied/versions/1.0.0/tarball")

    assert download.content == package
    hashes = production.manage(
        "shell",
        "--no-imports",
        "-c",
        "from foundation.access.address import hash_address\n"
        "from foundation.audit.models import AuditLog\n"
        "event = AuditLog.objects.get(entity_id='@ada/proxied@1.0.0')\n"
        "print(event.address_hash, hash_address('127.0.0.1'))",
    ).split()
    assert hashes[0] == hashes[1]


@pytest.fixture
def before_files(production: ProductionShop, built_static: Path, tmp_path: Path) -> Iterator[Nginx]:
    """A proxy that sends the files, before a second web server of the shop."""
    environment = production.environment | {"PORT": str(free_port()), "SEND_FILES": "proxy"}
    environment["PROMETHEUS_MULTIPROC_DIR"] = str(tmp_path / "metrics")
    shop = ProductionShop(production.data_dir, **environment)
    files = production.data_dir / "files"
    try:
        shop.open_web()
        port = int(environment["PORT"])
        folder = tmp_path / "nginx"
        with nginx_before(
            port, host=HOST, static=built_static, folder=folder, files=files
        ) as nginx:
            yield nginx
    finally:
        shop.close()


def test_proxy_sends_files_that_the_shop_allows(
    production: ProductionShop, before_files: Nginx, key: str
):
    assert publish(production, key, id="@ada/handed").status_code in (200, 201)
    address = "/v1/agents/ada/handed/versions/1.0.0/tarball"
    direct = production.get(address)
    with client_of(before_files) as client:
        file = client.get(address)
        assert (file.status_code, file.content) == (200, direct.content)
        assert "X-Accel-Redirect" not in file.headers
        # Of the proxy, of the connection, or different for each request.
        own = {"server", "date", "connection", "vary", "last-modified", "accept-ranges"}
        own |= {"x-request-id", "transfer-encoding"}
        expectation = {name: v for name, v in direct.headers.items() if name not in own}
        assert {name: file.headers.get(name) for name in expectation} == expectation

        etag = file.headers["ETag"]
        assert client.get(address, headers={"If-None-Match": etag}).status_code == 304
        part = client.get(address, headers={"Range": "bytes=2-9", "If-Range": etag})
        assert (part.status_code, part.content) == (206, direct.content[2:10])
        head = client.head(address)
        assert (head.status_code, head.headers["Content-Length"]) == (200, str(len(file.content)))

        # Neither the location of the proxy nor a withheld file can be read.
        key_of_file = next((production.data_dir / "files").rglob("*.tgz"))
        path = key_of_file.relative_to(production.data_dir / "files")
        assert client.get(f"/stored-files/{path}").status_code == 404
        production.manage("shell", "--no-imports", "-c", WITHHOLD)
        assert client.get(address).status_code == 451

    counts = production.manage("shell", "--no-imports", "-c", COUNT_DOWNLOADS)
    assert int(counts) >= 1


WITHHOLD = """
from foundation.accounts.actions import grant_role
from foundation.actor import Actor
from profiles.actions import open_account
from profiles.identity import Identity
from registry.agents.actions import withhold_version
from registry.models import Agent
by = Actor(door="command")
root = open_account(Identity(login="root", github_id=7), by=by)
grant_role(root, "maintainer", by=by)
withhold_version(Agent.objects.get(name="handed"), "1.0.0", reason="malware", text="Bad.",
                 by=Actor(door="page", user=root))
"""
COUNT_DOWNLOADS = """
import time
from registry.models import Agent
for _ in range(100):
    count = Agent.objects.get(name="handed").download_count
    if count:
        break
    time.sleep(0.1)
print(count)
"""


@pytest.mark.parametrize("part", ["headers", "body"])
def test_slow_client_is_cut(slow_clients: dict[str, SlowClient], echo: EchoServer, part: str):
    client = slow_clients[part]
    client.join(TIMEOUT + 15)

    assert TIMEOUT - 1 < client.seconds < TIMEOUT + 5
    assert client.answer == b"" or client.answer.startswith(b"HTTP/1.1 408")
    assert [request for request in echo.requests if request.path == "/slow"] == []
