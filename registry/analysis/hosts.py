"""Find the hosts that a text names.

Three spellings count: with a scheme (`https://api.stripe.com/v1`), with `www.`, and a bare name
under a common top-level domain (`api.stripe.com`). That a text names a host does not prove that
the agent contacts it. Domains that are reserved for examples are left out.
"""

import ipaddress
import unicodedata
from collections.abc import Iterator
from itertools import chain, islice, pairwise
from urllib.parse import unquote

from foundation.text.expressions import compile_text
from foundation.text.names import strip_ignorable
from registry.package.checks.extensions import word_set

# Top-level domains of bare names. None of them is also a file extension that agents use, so that
# `notes.md` and `run.py` are not taken for hosts.
TOP_LEVEL_DOMAINS = (
    *("ai", "app", "biz", "cloud", "co", "com", "de", "dev", "edu", "eu", "fr", "gov", "info"),
    *("int", "io", "jp", "me", "net", "nl", "org", "page", "site", "tech", "tv", "uk", "us", "xyz"),
    *("ar", "au", "br", "ca", "ch", "cn", "cz", "dk", "gr", "hk", "hu", "ie", "il", "ir", "kr"),
    *("mx", "nz", "onion", "pt", "ro", "ru", "se", "sg", "su", "top", "tr", "tw", "ua", "ws", "za"),
)
# They are also words or file extensions, so a name needs a port, a path, or a command before it.
AMBIGUOUS_DOMAINS = word_set(
    "at be bar cam cf click club es fi fun ga gq icu im in is it link live ml mov no online "
    "pl pro pw rest run sh shop so space st store to website world zip"
)
_COMMANDS = word_set(
    "curl dig ftp host http https mosh nc ncat netcat nslookup ping rsync scp sftp ssh telnet "
    "traceroute wget"
)
# Variables of programs: `data.info` and `self.app` are no hosts.
_VARIABLES = word_set(
    "agent args client config context ctx cursor data doc document e env event file form "
    "frame i item log logger message model module node notes obj object options page params "
    "parent process props record req request res response result root row self server session "
    "settings state super system task this user value view window"
)
_WORD_DOMAINS = frozenset({"app", "cloud", "co", "dev", "info", "int", "me", "page", "site", "us"})
# A line of minified data can be as long as the file.
MAX_HOSTS_PER_LINE = 50
MAX_LINE_LENGTH = 20_000
MAX_NAME_LENGTH = 253
MAX_LABELS = 32
MAX_LABEL_LENGTH = 63

# Software whose name looks like a host. An address with a scheme or a path is a host all the same.
PRODUCTS = frozenset(
    {"ado.net", "asp.net", "engine.io", "java.io", "ml.net", "paint.net", "socket.io", "vb.net"}
)
# Domains that software likes in its name: Draw.IO, Character.AI.
PRODUCT_DOMAINS = frozenset({"ai", "io", "net"})

# RFC 2606 and RFC 6761.
_RESERVED_DOMAINS = ("example.com", "example.net", "example.org")
_LOCAL = (".local", ".localhost", ".internal", ".invalid", ".test", ".example")
# Where clouds give the keys of a machine to its programs.
_METADATA = frozenset(
    {"169.254.169.254", "100.100.100.200", "fd00:ec2::254", "metadata.google.internal"}
)

_DOMAINS = frozenset(TOP_LEVEL_DOMAINS)
_SCHEME_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+.-"
MAX_SCHEME_LENGTH = 16
MAX_AUTHORITY_LENGTH = 300
_AUTHORITY_ENDS = compile_text(r"[\s\pZ/?#\"'<>()\[\]{}|\\^`,;]")
# Browsers accept any number of slashes behind http, and none before a host in an attribute.
_LAX_URL = compile_text(r"\bhttps?:(?:/|//[/\\]+|[\\/]*\\[\\/]*)?([^\s/\\])", ignore_case=True)
_WITHOUT_SCHEME = compile_text(r"[\"'=(]//([^\s/\\\"'])")
_PLACEHOLDER = compile_text(
    r"(?:(?:\*|\$?\{+[^{}\s]{1,60}\}+|<[^<>\s]{1,60}>|%[A-Za-z_]{1,40}%)\.)+"
)
# Characters of names, paths and addresses. A bracket stays at the end of the name before it.
_NAME_CHARACTERS = frozenset("@./:")
_DOTS = frozenset(".\u3002\uff0e")
_WIDE_DOTS = str.maketrans("\u3002\uff0e", "..")
# The numbers of chapters and versions are smaller than most numbers of addresses.
_MAX_CHAPTER = 30


def find_hosts(text: str) -> Iterator[tuple[int, str]]:
    """Line number (from 1) and lowercase name of each external host, once per line."""
    for number, line in enumerate(text.split("\n"), start=1):
        if "//" in line or not _DOTS.isdisjoint(line):
            # Addresses in a browser have no invisible characters, and one kind of dot.
            visible = strip_ignorable(line[:MAX_LINE_LENGTH]).translate(_WIDE_DOTS)
            hosts = dict.fromkeys(hosts_of_line(visible))
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
        if len(scheme) > 1:
            yield _authority(line[start + 3 : min(after, start + 3 + MAX_AUTHORITY_LENGTH)])
    for expression in (_LAX_URL, _WITHOUT_SCHEME):
        for match in expression.finditer(line):
            authority = _authority(line[match.start(1) : match.start(1) + MAX_AUTHORITY_LENGTH])
            # Otherwise each `http:` in a text would make a host of the word behind it.
            if "." in authority:
                yield authority


def _authority(text: str) -> str:
    if placeholder := _PLACEHOLDER.match(text):
        text = text[placeholder.end() :]
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return unquote(_AUTHORITY_ENDS.split(text, 1)[0])


def _is_product(labels: list[str]) -> bool:
    """Whether a bare name is more likely one of a program than of a host."""
    if labels[0] in ("this", "self"):
        return True
    if len(labels) != 2:
        return False
    name, domain = ".".join(labels), labels[1].lower()
    has_capitals = domain in PRODUCT_DOMAINS and name != name.lower()
    is_variable = domain in _WORD_DOMAINS and labels[0] in _VARIABLES
    return has_capitals or is_variable or name.lower() in PRODUCTS


def _positions(text: str, part: str) -> Iterator[int]:
    position = text.find(part)
    while position != -1:
        yield position
        position = text.find(part, position + len(part))


def _bare_names(line: str) -> Iterator[str]:
    """The names under a known domain that are no part of a path or mail address."""
    previous = ""
    for word in _words(line):
        # `config.app(` is a call.
        if "." in word and not word.endswith("("):
            yield from _bare_name(word, previous.lower())
        previous = word or previous


def _bare_name(word: str, previous: str) -> Iterator[str]:
    # In `//cdn.example.net/x` the scheme is left to the page.
    user, at, host = word.removeprefix("//").rpartition("@")
    # `git@host:path` is for ssh, `me@host` is a mail address.
    is_login = bool(at and user) and (":" in host or previous in _COMMANDS)
    if "@" in word and not is_login:
        return
    name = host.partition("/")[0].partition(":")[0].rstrip(".")
    labels = name.split(".")
    is_alone = name == host.rstrip(".:") and not is_login
    is_target = not is_alone or previous in _COMMANDS
    domain = labels[-1].lower()
    is_host = domain in _DOMAINS or (is_target and domain in AMBIGUOUS_DOMAINS)
    is_host = is_host and not (is_alone and _is_product(labels)) and not _is_named_product(name)
    if (1 < len(labels) <= MAX_LABELS and is_host) or _is_bare_address(name, is_target=is_target):
        yield name


def _is_named_product(name: str) -> bool:
    """Whether a name is written as that of a software, also in `ASP.NET/C#`."""
    return name != name.lower() and name.lower() in PRODUCTS


def _is_bare_address(name: str, *, is_target: bool) -> bool:
    """Whether four numbers are an address rather than a version or a chapter."""
    numbers = name.split(".")
    if len(numbers) != 4 or not _is_ip_address(name):
        return False
    return is_target or any(int(number) > _MAX_CHAPTER for number in numbers)


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
    host = unicodedata.normalize("NFKC", authority).replace("。", ".").rpartition("@")[2]
    if _is_ip_address(host):
        return str(ipaddress.ip_address(host))
    host = host.partition(":")[0].rstrip(".").lower()
    if address := _read_ipv4(host):
        return address
    labels = host.split(".")
    is_name = len(host) <= MAX_NAME_LENGTH and len(labels) > 1 and all(map(_is_label, labels))
    return host if is_name and labels[-1][0].isalpha() and labels[-1][-1].isalnum() else ""


def _read_ipv4(host: str) -> str:
    """The usual spelling of an IPv4 address as browsers accept it, or ""."""
    try:
        numbers = [_read_number(part) for part in host.split(".")]
    except ValueError:
        return ""
    *first, last = numbers
    if len(numbers) > 4 or any(n > 255 for n in first) or last >= 256 ** (5 - len(numbers)):
        return ""
    value = last + sum(n << (8 * (3 - place)) for place, n in enumerate(first))
    # A short number behind a scheme is a port or a placeholder.
    return str(ipaddress.IPv4Address(value)) if value > 0xFFFFFF else ""


def _read_number(text: str) -> int:
    if not text.isascii() or not text.isalnum() or len(text) > 12:
        raise ValueError(text)
    if text.startswith("0x"):
        return int(text[2:] or "0", 16)
    return int(text, 8) if text.startswith("0") and len(text) > 1 else int(text)


def _is_label(label: str) -> bool:
    return (
        0 < len(label) <= MAX_LABEL_LENGTH and label[0].isalnum() and all(map(_is_in_label, label))
    )


def _is_in_label(character: str) -> bool:
    is_mark = not character.isascii() and unicodedata.category(character)[0] == "M"
    return character.isalnum() or character in "-_" or is_mark


def is_external(host: str) -> bool:
    """Whether the host is outside the machine and its local network."""
    if host in _METADATA:
        return True
    if _is_ip_address(host):
        return ipaddress.ip_address(host).is_global
    is_reserved = any(f".{host}".endswith(f".{domain}") for domain in _RESERVED_DOMAINS)
    return not (is_reserved or host.endswith(_LOCAL))


def _is_ip_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


_ASCII_SEPARATORS = {code: _separate(chr(code)) for code in range(128)}
