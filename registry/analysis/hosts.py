"""The hosts that a text names: with a scheme (`https://api.example.com/v1`), as `www.…`, or as a
bare name under one of the endings that people use (`api.stripe.com`).

A name is a name: whether an agent will talk to the host is for its reader to judge.
"""

import ipaddress
import re
from collections.abc import Iterator

# Endings of bare names. None of them is also the ending of a file's name that agents use.
ENDINGS = (
    *("ai", "app", "biz", "cloud", "co", "com", "de", "dev", "edu", "eu", "fr", "gov", "info"),
    *("int", "io", "jp", "me", "net", "nl", "org", "page", "site", "tech", "tv", "uk", "us", "xyz"),
)
MOST_PER_LINE = 50
LONGEST_LINE = 20_000
LONGEST_NAME = 253

_LABEL = r"[^\W_](?:[\w-]{0,62})"
_WITH_SCHEME = re.compile(r"\b[A-Za-z][A-Za-z0-9+.-]{1,15}://([^\s/?#\"'<>()\[\]{}|\\^`,;]{1,300})")
_BARE = re.compile(
    rf"(?<![\w@./:-])((?:{_LABEL}\.){{1,8}}(?:{'|'.join(ENDINGS)}))(?![\w-]|\.\w|\()", re.IGNORECASE
)
_NAME = re.compile(rf"(?:{_LABEL}\.)+[^\W\d_](?:[\w-]{{0,61}}[^\W_])?")


def hosts_in(text: str) -> Iterator[tuple[int, str]]:
    """Each naming of an external host: its line, counted from 1, and the host in small letters."""
    for number, line in enumerate(text.split("\n"), start=1):
        if "." in line:
            seen = dict.fromkeys(_hosts_of(line[:LONGEST_LINE]))
            yield from ((number, host) for host in seen)


def _hosts_of(line: str) -> Iterator[str]:
    found = [*_WITH_SCHEME.finditer(line), *_BARE.finditer(line)]
    for match in found[:MOST_PER_LINE]:
        host = _cleaned(match[1])
        if host and is_external(host):
            yield host


def _cleaned(authority: str) -> str:
    """The host of `user:password@host:port`, in small letters; "" where it is none."""
    host = authority.rpartition("@")[2].partition(":")[0].rstrip(".").lower()
    if _is_address(host):
        return host
    return host if len(host) <= LONGEST_NAME and _NAME.fullmatch(host) else ""


def is_external(host: str) -> bool:
    """Whether it is beyond the machine and its own network."""
    if _is_address(host):
        return ipaddress.ip_address(host).is_global
    return not host.endswith((".local", ".localhost", ".internal", ".invalid", ".test"))


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
