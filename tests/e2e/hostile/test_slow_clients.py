"""Slow clients are cut, and until then stop no page and no probe."""

import json
import random
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress

import httpx
import pytest

from tests.support.packages import manifest, tarball
from tests.support.servers.no_tls import NO_TLS
from tests.support.servers.raw import FORM, connection, head, multipart, response
from tests.support.servers.shop import LiveShop
from tests.support.uploads import PUBLISH

pytestmark = pytest.mark.live

TIMEOUT = 3
MIB = 1024 * 1024


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveShop]:
    with LiveShop(tmp_path_factory.mktemp("slow"), CLIENT_TIMEOUT=str(TIMEOUT)) as shop:
        for _ in range(8):  # The first request of each process is slow.
            shop.get("/agents")
        yield shop


def assert_answers_quickly(shop: LiveShop) -> None:
    with httpx.Client(base_url=shop.url, timeout=5, verify=NO_TLS) as client:
        for path in ("/v1/agents", "/agents", "/healthz"):
            start = time.monotonic()
            assert client.get(path).status_code == 200
            assert time.monotonic() - start < 2, path


def is_cut(client: socket.socket) -> bool:
    """Whether the server closes the connection soon."""
    client.settimeout(3 * TIMEOUT)
    with suppress(ConnectionResetError):
        while client.recv(65536):
            pass
    return True


HEAD = head("GET", "/agents", {})
SLOW = {
    "nothing": b"",
    "half a head": HEAD[:30],
    "half a form": head("POST", "/signin", {"Content-Length": "60000"}) + b"login=",
    "half a chunk": head("POST", "/signin", {"Transfer-Encoding": "chunked"}) + b"ffff\r\nlog",
    "half a pipeline": HEAD + HEAD[:20],
    "half an upload": head("POST", PUBLISH, FORM | {"Content-Length": str(50 * MIB)}) + b"--",
}


def test_slow_clients_stop_no_page_and_are_cut(shop: LiveShop) -> None:
    """More of each kind, and all at once, than both processes have threads."""
    with ExitStack() as stack:
        clients = {
            kind: [stack.enter_context(connection(shop)) for _ in range(20)] for kind in SLOW
        }
        for kind, slow_clients in clients.items():
            for client in slow_clients:
                client.sendall(SLOW[kind])

        assert_answers_quickly(shop)

        for kind, slow_clients in clients.items():
            assert all(is_cut(client) for client in slow_clients), kind


def test_a_client_that_drips_its_head_is_cut(shop: LiveShop) -> None:
    with connection(shop) as client, suppress(BrokenPipeError, ConnectionResetError):
        start = time.monotonic()
        for byte in head("GET", "/agents", {"X-Padding": "x" * 200}):
            client.sendall(bytes([byte]))
            time.sleep(0.1)
        pytest.fail("The whole head was taken.")
    assert time.monotonic() - start < 3 * TIMEOUT


def test_slow_uploads_of_a_known_sender_stop_no_page(shop: LiveShop) -> None:
    key = shop.key("slowly", "agents:publish")
    headers = FORM | {"Content-Length": str(50 * MIB), "Authorization": f"Bearer {key}"}
    with ExitStack() as stack:
        clients = [stack.enter_context(connection(shop)) for _ in range(12)]
        for client in clients:
            client.sendall(head("POST", PUBLISH, headers) + multipart({"a": "b"}, {})[:-20])

        assert_answers_quickly(shop)

        assert all(is_cut(client) for client in clients)


@pytest.fixture(scope="module")
def large_package(shop: LiveShop) -> str:
    """The path of a tarball of 8 MiB."""
    key = shop.key("large", "agents:publish")
    document = manifest(id="@large/package")
    data = tarball({"noise.dat": random.Random(1).randbytes(8 * MIB)}, document)
    body = multipart({"metadata": json.dumps(document)}, {"tarball": data})
    headers = FORM | {"Authorization": f"Bearer {key}"}
    answer = shop.post(PUBLISH, content=body, headers=headers)
    assert answer.status_code == 200, answer.text
    return "/v1/agents/large/package/versions/1.0.0/tarball"


@pytest.mark.parametrize("count", [8, 50])
def test_clients_that_do_not_read_stop_no_page_and_are_cut(
    shop: LiveShop, large_package: str, count: int
) -> None:
    with ExitStack() as stack:
        clients = []
        for _ in range(count):
            client = socket.socket()
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.connect(("127.0.0.1", shop.port))
            clients.append(stack.enter_context(client))
            client.sendall(head("GET", large_package, {}))
        time.sleep(0.5)

        assert_answers_quickly(shop)

        time.sleep(TIMEOUT + 1)
        bodies = [len(response(client)[1]) for client in clients[:8]]
    assert all(size < 8 * MIB for size in bodies)


def test_large_answer_arrives_whole(shop: LiveShop, large_package: str) -> None:
    answer = shop.get(large_package)

    assert len(answer.content) == int(answer.headers["Content-Length"]) > 8 * MIB


def test_client_that_never_closes_stops_no_page(shop: LiveShop) -> None:
    with ExitStack() as stack:
        for _ in range(20):
            client = stack.enter_context(connection(shop))
            client.sendall(head("GET", "/v1/health", {"Connection": "close"}))
        time.sleep(0.3)

        assert_answers_quickly(shop)


def test_requests_in_one_packet_are_all_answered(shop: LiveShop) -> None:
    last = head("GET", "/v1/health", {"Connection": "close"})
    with connection(shop) as client:
        client.sendall(head("GET", "/v1/health", {}) * 3 + last)
        _, data = response(client)

    assert data.count(b"HTTP/1.1 200 OK") == 4


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_probe_is_answered_by_no_thread(shop: LiveShop, method: str) -> None:
    answer = httpx.request(method, f"{shop.url}/healthz")

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.content in (b"", b'{"status":"alive"}')


def test_head_that_is_too_long_is_refused(shop: LiveShop) -> None:
    with connection(shop) as client:
        client.sendall(b"GET / HTTP/1.1\r\nX: " + b"x" * 70_000)
        assert response(client)[0] == 431
