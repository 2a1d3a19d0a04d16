"""No trick of an address reaches a host that is not public."""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address, ip_network
from time import monotonic
from typing import Any

import pytest

from foundation.webhooks import sender
from foundation.webhooks.errors import UndeliverableTarget, UnsafeWebhookUrl
from foundation.webhooks.sender import post_message
from foundation.webhooks.targets import check_url, is_public, pin_address, read_target
from tests.support.receiver import Receiver, dripping_server

pytestmark = pytest.mark.once
HOST_LINES = """127.0.0.1 127.1 2130706433 0x7f000001 0x7f.1 0177.0.0.1 017700000001 127.0.0.1. 0
0.0.0.0 10.0.0.1 172.16.0.1 192.168.0.1 169.254.169.254 100.64.0.1 198.18.0.1 192.0.2.1 224.0.0.1
255.255.255.255 168.63.129.16 192.88.99.1 [::] [::1] [::ffff:127.0.0.1] [::ffff:7f00:1]
[::127.0.0.1] [2002:7f00:1::] [64:ff9b::7f00:1] [64:ff9b:1::1] [2001::1] [fc00::1] [fe80::1]
[fe80::1%25eth0] [fec0::1] [ff02::1] localhost"""
HOSTS = HOST_LINES.split()
OTHERS = [
    *("http://93.184.216.34/", "ftp://example.org/", "https:///x", "https://a:b@example.org/"),
    *("https://example.org/#part", "https://example.org:0/", "https://example.org:99999/"),
    *("https://exa\u24dcple.org/", "https://1\u3002example/", "https://example.org/\r\nX:y"),
    *("https://example.org/a b", "https://example.org/a\\b", "https://intranet/"),
    *("https://printer.local/", "https://x.localhost/", "https://[::1", "javascript:1", "//a.org"),
]


def test_no_private_host_in_any_form():
    assert len(HOSTS) == 36
    for host in HOSTS:
        url = f"https://{host}/hook"
        with pytest.raises(UnsafeWebhookUrl):
            check_url(url)
        # The delivery does not rely on the check at creation.
        outcome = post_message(url, b"{}", {})
        assert outcome.status is None, host


def test_unusual_unsafe_addresses_are_refused():
    for url in OTHERS:
        with pytest.raises(UnsafeWebhookUrl):
            check_url(url)


def test_public_addresses_are_accepted():
    for url in ("https://example.org", "https://example.org:8443/a?b=c", "https://1.1.1.1/"):
        check_url(url)
    assert all(is_public(ip_address(text)) for text in ("1.1.1.1", "2606:4700::1111"))
    assert not any(is_public(ip_address(text)) for text in ("::5efe:a00:1", "4000::1"))
    assert read_target("https://[2606:4700::1111]:8443/a").host_header == "[2606:4700::1111]:8443"


@contextmanager
def name_server(answers: list[list[str]]) -> Iterator[int]:
    """The port of a name server that gives the next answer to each question."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(0.05)
        is_done = threading.Event()

        def serve() -> None:
            while not is_done.is_set():
                try:
                    question, client = server.recvfrom(512)
                except TimeoutError:
                    continue
                addresses = answers.pop(0) if len(answers) > 1 else answers[0]
                head = question[:2] + struct.pack(">HHHHH", 0x8180, 1, len(addresses), 0, 0)
                rows = [
                    struct.pack(">HHHIH", 0xC00C, 1, 1, 0, 4) + socket.inet_aton(text)
                    for text in addresses
                ]
                server.sendto(head + question[12:] + b"".join(rows), client)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            is_done.set()
            thread.join()


@pytest.fixture
def resolve_at(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Ask a name server of the test instead of the machine's."""

    def use(port: int) -> list[str]:
        names: list[str] = []

        def getaddrinfo(host: str, target_port: int, **options: Any) -> list[Any]:
            names.append(host)
            labels = b"".join(bytes([len(part)]) + part.encode() for part in host.split("."))
            question = struct.pack(">HHHHHH", 7, 0x100, 1, 0, 0, 0) + labels + b"\0\0\1\0\1"
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
                client.sendto(question, ("127.0.0.1", port))
                answer = client.recv(512)
            count, rows = struct.unpack(">H", answer[6:8])[0], answer[len(question) :]
            ips = [socket.inet_ntoa(rows[16 * n + 12 : 16 * n + 16]) for n in range(count)]
            return [(2, 1, 6, "", (ip, target_port)) for ip in ips]

        monkeypatch.setattr("foundation.webhooks.targets.socket.getaddrinfo", getaddrinfo)
        return names

    return use


def test_a_name_is_looked_up_once_and_its_address_is_pinned(
    resolve_at: Any, monkeypatch: pytest.MonkeyPatch
):
    connections: list[Any] = []

    def refuse(address: Any, **options: Any) -> Any:
        connections.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr("foundation.webhooks.sender.socket.create_connection", refuse)
    with name_server([["93.184.216.34"], ["127.0.0.1"]]) as port:
        names = resolve_at(port)
        post_message("https://rebinding.example/", b"{}", {})
        assert (names, connections) == (["rebinding.example"], [("93.184.216.34", 443)])
        # The second delivery gets the private address, and does not connect.
        outcome = post_message("https://rebinding.example/", b"{}", {})
    assert "must not call" in outcome.error
    assert len(connections) == 1
    with name_server([["93.184.216.34", "10.0.0.1"]]) as port:
        resolve_at(port)
        with pytest.raises(UndeliverableTarget):
            pin_address(read_target("https://mixed.example/"))


def test_a_private_network_may_be_allowed(settings: Any):
    settings.WEBHOOK_ALLOW_PRIVATE = [ip_network("10.1.0.0/16")]
    assert pin_address(check_url("http://10.1.2.3/hook")) == "10.1.2.3"
    for url in ("http://10.2.0.1/", "http://127.0.0.1/", "https://[::ffff:10.1.2.3]/"):
        with pytest.raises(UnsafeWebhookUrl):
            check_url(url)


def test_redirects_are_not_followed(receiver: Receiver):
    receiver.status, receiver.headers = 302, {"Location": receiver.url}
    outcome = post_message(receiver.url, b"{}", {})
    assert (outcome.status, outcome.is_success) == (302, False)
    assert len(receiver.requests) == 1


def test_an_answer_is_read_up_to_a_limit(receiver: Receiver):
    receiver.answer = b"\xff\0" + b"x" * 5_000_000
    outcome = post_message(receiver.url, b"{}", {})
    assert outcome.is_success
    assert outcome.answer.startswith("\ufffd\ufffdx")
    assert len(outcome.answer) == sender.KEPT_ANSWER_LENGTH


@pytest.mark.parametrize(
    ("start", "drop"),
    [
        (b"", b""),
        (b"", b"H"),
        (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
        (b"HTTP/1.1 200 OK\r\n\r\n", b"x"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\n", b"x"),
    ],
)
def test_a_slow_answer_ends_at_the_time_limit(
    loopback: None, monkeypatch: pytest.MonkeyPatch, start: bytes, drop: bytes
):
    monkeypatch.setattr(sender, "SECONDS", 0.3)
    with dripping_server(start, drop) as port:
        start_time = monotonic()
        outcome = post_message(f"http://127.0.0.1:{port}/", b"{}", {})
        assert monotonic() - start_time < 0.6
    assert (outcome.status, outcome.is_outage) == (None, True)
    assert "No whole answer" in outcome.error


def test_an_error_that_quotes_the_host_can_be_stored(loopback: None):
    with dripping_server(b"SSH\0-2.0\r\n\r\n", b"x") as port:
        outcome = post_message(f"http://127.0.0.1:{port}/", b"{}", {})
    assert "BadStatusLine: SSH\ufffd-2.0" in outcome.error
