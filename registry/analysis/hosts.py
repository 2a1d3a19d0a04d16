"""Find the hosts that a text names.

Three spellings count: with a scheme (`https://api.example.com/v1`), with `www.`, and a bare name
under a common top-level domain (`api.stripe.com`). That a text names a host does not prove that
the agent contacts it.
"""

import ipaddress
import unicodedata
from collections.abc import Iterator
from itertools import chain, islice, pairwise

from foundation.text.expressions import compile_text

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
MAX_LABELS = 9
MAX_LABEL_LENGTH = 63

# Software whose name looks like a host. An address with a scheme or a path is a host all the same.
PRODUCTS = frozenset(
    {"ado.net", "asp.net", "engine.io", "ml.net", "paint.net", "socket.io", "vb.net"}
)
# Domains that software likes in its name: Draw.IO, Character.AI.
PRODUCT_DOMAINS = frozenset({"ai", "io", "net"})

_DOMAINS = frozenset(TOP_LEVEL_DOMAINS)
_SCHEME_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+.-"
MAX_SCHEME_LENGTH = 16
MAX_AUTHORITY_LENGTH = 300
_AUTHORITY_ENDS = compile_text(r"[\s\pZ/?#\"'<>()\[\]{}|\\^`,;]")
# Characters of names, paths and addresses. A bracket stays at the end of the name before it.
_NAME_CHARACTERS = frozenset("@./:")
_DOTS = frozenset(".\u3002\uff0e")


def find_hosts(text: str) -> Iterator[tuple[int, str]]:
    """Line number (from 1) and lowercase name of each external host, once per line."""
    for number, line in enumerate(text.split("\n"), start=1):
        if not _DOTS.isdisjoint(line):
            hosts = dict.fromkeys(hosts_of_line(line[:MAX_LINE_LENGTH]))
            yield from ((number, host) for host in hosts)


def hosts_of_line(line: str) -> Iterator[str]:
    names = chain(_url_authorities(line), _bare_names(line))
    for name in islice(names, MAX_HOSTS_PER_LINE):
        host = _host_of_authority(name)
        if host and is_external(host):
            yield host


def _url_authorities(line: str) -> Iterator[str]:
    """The parts of URLs between `://` and the path."""
    for start, after in pairwise([*_positions(line, "://"), len(line)]):
        before = line[max(0, start - MAX_SCHEME_LENGTH) : start]
        scheme = before[len(before.rstrip(_SCHEME_CHARACTERS)) :].lstrip("0123456789+.-")
        authority = line[start + 3 : min(after, start + 3 + MAX_AUTHORITY_LENGTH)]
        if len(scheme) > 1:
            yield _AUTHORITY_ENDS.split(authority, 1)[0]


def _is_product(labels: list[str]) -> bool:
    """Whether a bare name is more likely that of a software than of a host."""
    if len(labels) != 2:
        return False
    name = ".".join(labels)
    has_capitals = labels[1].lower() in PRODUCT_DOMAINS and name != name.lower()
    return has_capitals or name.lower() in PRODUCTS


def _positions(text: str, part: str) -> Iterator[int]:
    position = text.find(part)
    while position != -1:
        yield position
        position = text.find(part, position + len(part))


def _bare_names(line: str) -> Iterator[str]:
    """The names under a known domain that are no part of a path or mail address."""
    for word in _words(line):
        # `config.app(` is a call.
        name = word if "." in word and not word.endswith("(") else ""
        for separator in "/:":
            name = name.partition(separator)[0]
        labels = name.rstrip(".").split(".")
        is_host = 1 < len(labels) <= MAX_LABELS and labels[-1].lower() in _DOMAINS
        if "@" not in name and is_host and not (name == word and _is_product(labels)):
            yield name


def _words(line: str) -> list[str]:
    if line.isascii():
        return line.translate(_ASCII_SEPARATORS).split(" ")
    return "".join(map(_separate, line)).split(" ")


def _separate(character: str) -> str:
    if _is_in_label(character) or character in _NAME_CHARACTERS:
        return character
    return "( " if character == "(" else " "


def _host_of_authority(authority: str) -> str:
    """The lowercase host of `user:password@host:port`; "" if it is not a host name."""
    # A browser reads full-width letters and dots in a host as ordinary ones.
    host = unicodedata.normalize("NFKC", authority).replace("。", ".")
    host = host.rpartition("@")[2].partition(":")[0].rstrip(".").lower()
    if _is_ip_address(host):
        return host
    labels = host.split(".")
    is_name = len(host) <= MAX_NAME_LENGTH and len(labels) > 1 and all(map(_is_label, labels))
    return host if is_name and labels[-1][0].isalpha() and labels[-1][-1].isalnum() else ""


def _is_label(label: str) -> bool:
    return (
        0 < len(label) <= MAX_LABEL_LENGTH and label[0].isalnum() and all(map(_is_in_label, label))
    )


def _is_in_label(character: str) -> bool:
    is_mark = not character.isascii() and unicodedata.category(character)[0] == "M"
    return character.isalnum() or character in "-_" or is_mark


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


_ASCII_SEPARATORS = {code: _separate(chr(code)) for code in range(128)}
