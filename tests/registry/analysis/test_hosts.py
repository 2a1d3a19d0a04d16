"""Find the hosts that a text names."""

import pytest

from registry.analysis.hosts import find_hosts

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ("https://user:pw@api.example.org:8443/x?y#z", ["api.example.org"]),
        (
            "[here](https://a.example.com), and (https://b.example.com).",
            ["a.example.com", "b.example.com"],
        ),
        ("wss://stream.example.net/feed", ["stream.example.net"]),
        ("ask api.stripe.com for it", ["api.stripe.com"]),
        ("write to help@example.com", []),
        ("AGENTS.md, data.json, notes.txt and v1.2.3", []),
        ("see config.app.settings and e.g. this", []),
        ("http://localhost:8000 http://127.0.0.1 http://192.168.1.2 http://printer.local", []),
        ("http://8.8.8.8/dns", ["8.8.8.8"]),
        ("https://bücher.example.de", ["bücher.example.de"]),
        ("Written for ASP.NET and Socket.IO, with Draw.IO charts.", []),
        ("https://socket.io asp.net/core api.ASP.net", ["socket.io", "asp.net", "api.asp.net"]),
        ("Ask Evil.COM", ["evil.com"]),
        ("https://", []),
        ("https://..", []),
        ("https://ｅｘａｍｐｌｅ。com/x", ["example.com"]),  # A browser opens example.com.
        ("https://bu\u0308cher.example.de", ["bücher.example.de"]),
        (
            "see example.com. And example.org, (example.net) or example.io:80",
            ["example.com", "example.org", "example.net", "example.io"],
        ),
    ],
)
def test_external_hosts_are_found(text: str, hosts: list[str]) -> None:
    assert [host for _, host in find_hosts(text)] == hosts
