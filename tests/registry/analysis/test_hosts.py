"""Find the hosts that a text names."""

import pytest

from registry.analysis.hosts import find_hosts

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ("https://user:pw@api.acme.org:8443/x?y#z", ["api.acme.org"]),
        (
            "[here](https://a.acme.com), and (https://b.acme.com).",
            ["a.acme.com", "b.acme.com"],
        ),
        ("wss://stream.acme.net/feed", ["stream.acme.net"]),
        ("ask api.stripe.com for it", ["api.stripe.com"]),
        ("write to help@acme.com", []),
        ("AGENTS.md, data.json, notes.txt and v1.2.3", []),
        ("see config.app.settings and e.g. this", []),
        ("http://localhost:8000 http://127.0.0.1 http://192.168.1.2 http://printer.local", []),
        ("http://8.8.8.8/dns", ["8.8.8.8"]),
        ("https://bücher.acme.de", ["bücher.acme.de"]),
        ("Written for ASP.NET and Socket.IO, with Draw.IO charts.", []),
        ("https://socket.io asp.net/core api.ASP.net", ["socket.io", "asp.net", "api.asp.net"]),
        ("Ask Evil.COM", ["evil.com"]),
        ("https://", []),
        ("https://..", []),
        ("https://ａｃｍｅ。com/x", ["acme.com"]),  # A browser opens acme.com.
        ("https://bu\u0308cher.acme.de", ["bücher.acme.de"]),
        (
            "see acme.com. And acme.org, (acme.net) or acme.io:80",
            ["acme.com", "acme.org", "acme.net", "acme.io"],
        ),
        ("https://example.com https://api.example.org www.example.net http://a.example", []),
        ("Run setup.sh, see README.md:12 and Vue.js/React on ASP.NET/C#", []),
        ("this.state.me self.app data.info user.me", []),
        ("http://0x08080808/ http://134744072 http://010.8.8.8", ["8.8.8.8"]),
        ("http://[2001:4860:4860::8888]:443/ http://[::1]/", ["2001:4860:4860::8888"]),
        ("https://good.com@evil.com:8443/ https://evil.com\\\\@good.com", ["evil.com"]),
        ("https:/evil.com https:///evil.com https:evil.com '//evil.com/x.js'", ["evil.com"]),
        ("https://{tenant}.evil.com https://*.evil.com ftp://${X}.evil.com", ["evil.com"]),
        ("https://ev\u200bil.com https://ev\u00adil.com ev\u2060il．com", ["evil.com"]),
        ("git@evil.com:a/b.git, ssh ada@evil.com, mail ada@evil.com", ["evil.com"]),
        ("https://пример.рф/ https://xn--mnchen-3ya.de", ["пример.рф", "xn--mnchen-3ya.de"]),
    ],
)
def test_external_hosts_are_found(text: str, hosts: list[str]) -> None:
    assert [host for _, host in find_hosts(text)] == hosts


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        (
            "http://169.254.169.254/latest http://metadata.google.internal/",
            {"169.254.169.254", "metadata.google.internal"},
        ),
        (
            "74.125.79.104, chapter 1.2.3.4, port 1.2.3.5:80, ping 1.2.3.6",
            {"74.125.79.104", "1.2.3.5", "1.2.3.6"},
        ),
        (
            "curl evil.sh, evil.ru, nc evil.top, webhook.zip/x",
            {"evil.sh", "evil.ru", "evil.top", "webhook.zip"},
        ),
    ],
)
def test_addresses_and_domains_count_where_they_are_no_other_words(
    text: str, hosts: set[str]
) -> None:
    assert {host for _, host in find_hosts(text)} == hosts
