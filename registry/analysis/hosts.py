"""Find the hosts that a text names.

Three spellings count: with a scheme (`https://api.example.com/v1`), with `www.`, and a bare name
under a common top-level domain (`api.stripe.com`). That a text names a host does not prove that
the agent contacts it.
"""

import ipaddress
import re
from collections.abc import Iterator

# Top-level domains of bare names. None of them is also a file extension that agents use, so that
# `notes.md` and `run.py` are not taken for hosts.
TOP_LEVEL_DOMAINS = (
    *("ai", "app", "biz", "cloud", "co", "com", "de", "dev", "edu", "eu", "fr", "gov", "info"),
    *("int", "io", "jp", "me", "net", "nl", "org", "page", "site", "tech", "tv", "uk", "us", "xyz"),
)
# A line of minified data can be as long as the file.
MAX_HOSTS_PER_LINE = 50
MAX_LINE_LENGTH = 20_000
MAX_NAME_LENGTH = 253

_LABEL = r"[^\W_](?:[\w-]{0,62})"
_URL_AUTHORITY = re.compile(
    r"\b[A-Za-z][A-Za-z0-9+.-]{1,15}://([^\s/?#\"'<>()\[\]{}|\\^`,;]{1,300})"
)
# Not inside a path or a mail address, and not a call like `config.app(`.
_BARE_NAME = re.compile(
    rf"(?<![\w@./:-])((?:{_LABEL}\.){{1,8}}(?:{'|'.join(TOP_LEVEL_DOMAINS)}))(?![\w-]|\.\w|\()",
    re.IGNORECASE,
)
_HOST_NAME = re.compile(rf"(?:{_LABEL}\.)+[^\W\d_](?:[\w-]{{0,61}}[^\W_])?")


def find_hosts(text: str) -> Iterator[tuple[int, str]]:
    """Line number (from 1) and lowercase name of each external host, once per line."""
    for number, line in enumerate(text.split("\n"), start=1):
        if "." in line:
            hosts = dict.fromkeys(_hosts_of_line(line[:MAX_LINE_LENGTH]))
            yield from ((number, host) for host in hosts)


def _hosts_of_line(line: str) -> Iterator[str]:
    matches = [*_URL_AUTHORITY.finditer(line), *_BARE_NAME.finditer(line)]
    for match in matches[:MAX_HOSTS_PER_LINE]:
        host = _host_of_authority(match[1])
        if host and is_external(host):
            yield host


def _host_of_authority(authority: str) -> str:
    """The lowercase host of `user:password@host:port`; "" if it is not a host name."""
    host = authority.rpartition("@")[2].partition(":")[0].rstrip(".").lower()
    if _is_ip_address(host):
        return host
    return host if len(host) <= MAX_NAME_LENGTH and _HOST_NAME.fullmatch(host) else ""


def is_external(host: str) -> bool:
    """Whether the host is outside the machine and its local network."""
    if _is_ip_address(host):
        return ipaddress.ip_address(host).is_global
    return not host.endswith((".local", ".localhost", ".internal", ".invalid", ".test"))


def _is_ip_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
