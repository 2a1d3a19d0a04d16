"""Which addresses may be called.

A name is looked up once, at each delivery, and the connection goes to the address that was checked:
a name server that answers differently a moment later has no effect.
"""

import socket
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from foundation.webhooks.errors import UndeliverableTarget, UnsafeWebhookUrl
from foundation.webhooks.models import URL_LENGTH

LOOKUP_SECONDS = 3.0
DEFAULT_PORTS = {"https": 443, "http": 80}
# `is_global` is true of these: addresses that contain an IPv4 address, a former kind of private
# address, and the inner address of a cloud.
NEVER_PUBLIC = tuple(
    ip_network(text)
    for text in (
        *("168.63.129.16/32", "192.88.99.0/24", "::/96", "::ffff:0:0/96", "64:ff9b::/96"),
        *("64:ff9b:1::/48", "2001::/23", "2002::/16", "fec0::/10", "3fff::/20", "5f00::/16"),
    )
)
GLOBAL_UNICAST = ip_network("2000::/3")
# Such names are looked up at no public name server.
LOCAL_ENDINGS = (".localhost", ".local", ".internal", ".intranet", ".lan", ".home.arpa", ".corp")
Address = IPv4Address | IPv6Address
Networks = Sequence[IPv4Network | IPv6Network]


@dataclass(frozen=True, slots=True)
class Target:
    """The parts of a webhook's address. ``host`` is as certificates have it."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def host_and_port(self) -> str:
        return f"{self.host}:{self.port}"

    @property
    def host_header(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"


def read_target(url: str) -> Target:
    """Return the parts of an address. Raises UnsafeWebhookUrl."""
    try:
        parts = urlsplit(url)
        host, port = _host_of(parts), parts.port
    except ValueError as error:
        raise UnsafeWebhookUrl from error
    # Printable ASCII alone: a line break or a blank could end the request line.
    is_plain = url.isascii() and url.isprintable() and " " not in url and "\\" not in url
    is_bare = parts.username is None and parts.password is None and not parts.fragment
    if parts.scheme not in DEFAULT_PORTS or not host or port == 0 or not (is_plain and is_bare):
        raise UnsafeWebhookUrl
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port or DEFAULT_PORTS[parts.scheme], path)


def _host_of(parts: SplitResult) -> str:
    host = (parts.hostname or "").rstrip(".")
    if ":" in host:
        if "%" in host:
            raise ValueError("A zone names an interface of this machine.")
        return str(IPv6Address(host))
    return host.encode("idna").decode() if host else ""


def check_url(url: str) -> Target:
    """Return the parts of an address that a webhook may have. Raises UnsafeWebhookUrl.

    Names are looked up at each delivery and not here: their addresses change.
    """
    if len(url) > URL_LENGTH:
        raise UnsafeWebhookUrl(f"An address has at most {URL_LENGTH:,} characters.")
    target = read_target(url)
    address = _literal_address(target.host)
    if address is not None and not _may_call(target.scheme, address, _webhook_networks()):
        raise UnsafeWebhookUrl
    if address is None and not settings.WEBHOOK_ALLOW_PRIVATE:
        is_local = target.host == "localhost" or target.host.endswith(LOCAL_ENDINGS)
        if target.scheme != "https" or is_local or "." not in target.host:
            raise UnsafeWebhookUrl
    return target


def _literal_address(host: str) -> Address | None:
    """Return the address that a host is, in any form; None for a name."""
    if ":" in host:
        return IPv6Address(host)
    try:
        # Also 2130706433, 0x7f.1 and 0177.0.0.1, which are all 127.0.0.1.
        return IPv4Address(socket.inet_aton(host))
    except OSError:
        return None


def pin_address(target: Target, *, private: Networks | None = None) -> str:
    """Look a host up and return the address to connect to.

    ``private`` are the private networks that may be called, also without TLS; without them those
    that webhooks may call. Raises UndeliverableTarget. All addresses of the host must be allowed,
    or a name with a public and a private one would be a matter of luck.
    """
    networks = _webhook_networks() if private is None else private
    addresses = [ip_address(text) for text in _look_up(target.host, target.port)]
    if not addresses:
        raise UndeliverableTarget("The host has no address.")
    if not all(_may_call(target.scheme, address, networks) for address in addresses):
        raise UndeliverableTarget("The host has an address that this site must not call.")
    return str(addresses[0])


def look_up_address(target: Target) -> str:
    """Return the address of a host that the operator has named, also a private one.

    Raises UndeliverableTarget.
    """
    addresses = _look_up(target.host, target.port)
    if not addresses:
        raise UndeliverableTarget("The host has no address.")
    return addresses[0]


def _webhook_networks() -> Networks:
    networks: Networks = settings.WEBHOOK_ALLOW_PRIVATE
    return networks


def _may_call(scheme: str, address: Address, private: Networks) -> bool:
    if any(address.version == net.version and address in net for net in private):
        return True
    return scheme == "https" and is_public(address)


def is_public(address: Address) -> bool:
    """Whether an address belongs to one host of the public internet."""
    is_listed = any(address.version == net.version and address in net for net in NEVER_PUBLIC)
    # All others are unassigned, and a network may use them for itself.
    is_unicast = address.version == 4 or address in GLOBAL_UNICAST
    return address.is_global and is_unicast and not address.is_multicast and not is_listed


def _look_up(host: str, port: int) -> list[str]:
    """Return the addresses of a host. Raises UndeliverableTarget."""
    answers: list[list[str]] = []

    def ask() -> None:
        try:
            rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            return
        answers.append([str(row[4][0]) for row in rows])

    # The library's look-up has no time limit of its own.
    thread = threading.Thread(target=ask, name="webhook-lookup", daemon=True)
    thread.start()
    thread.join(LOOKUP_SECONDS)
    if not answers:
        raise UndeliverableTarget("The host was not found.")
    return answers[0]
