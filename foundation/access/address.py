"""Addresses of clients, and the hash that is stored of them."""

import hashlib
import ipaddress
from collections.abc import Mapping
from functools import lru_cache

from django.conf import settings

from foundation.text.expressions import compile_text

# Of an IPv6 address. A customer with a smaller network can still take 65,536 networks of 64 bits.
NETWORK_BITS = 48
LIMIT_NETWORK_BITS = 64
# An address as proxies write it: bare, in brackets, quoted (RFC 7239), or with a port.
FORWARDED = compile_text(
    r'"?(?:\[(?P<bracketed>[^\[\]]+)\](?::[0-9]*)?'
    r"|(?P<with_port>[0-9.]+|(?:[0-9A-Fa-f]+:){7}[0-9A-Fa-f]+):[0-9]*"
    r'|(?P<bare>[^\[\]"]+))"?'
)


def client_address(meta: Mapping[str, object]) -> str:
    """Return the client's address from ``request.META``.

    Only the entries of ``X-Forwarded-For`` that our own proxies wrote are trusted: with N proxies
    (``TRUSTED_PROXIES``) the client is the Nth entry from the right.
    """
    remote = _plain(str(meta.get("REMOTE_ADDR") or ""))
    if not settings.TRUSTED_PROXIES:
        return remote
    header = str(meta.get("HTTP_X_FORWARDED_FOR") or "")
    entries = [entry.strip() for entry in header.split(",") if entry.strip()]
    # A request that did not pass all proxies can have written the header itself.
    if len(entries) < settings.TRUSTED_PROXIES:
        return remote
    return _parse(entries[-settings.TRUSTED_PROXIES]) or remote


def _parse(entry: str) -> str:
    """Return the address of ``1.2.3.4:5678``, ``[2001:db8::1]:443`` and the like."""
    match = FORWARDED.fullmatch(entry)
    if match is None:
        return ""
    address = match["bracketed"] or match["with_port"] or match["bare"]
    return _plain(address) if is_address(address) else ""


def is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


# Parsing takes longer than the rest of what a read needs to know its caller.
@lru_cache(maxsize=4096)
def _plain(address: str) -> str:
    """The address in its usual spelling; text that is no address, unchanged.

    A socket for both protocols says ``::ffff:1.2.3.4`` for IPv4, and a zone (``%eth0``) means
    nothing on another machine.
    """
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    mapped_address = ip.ipv4_mapped if isinstance(ip, ipaddress.IPv6Address) else None
    return str(mapped_address or ip)


@lru_cache(maxsize=4096)
def limit_network(address: str) -> str:
    """Return the network whose uses of a limit are counted together.

    That is an IPv4 address, or the 64 bits of IPv6 that one connection has for itself.
    """
    return network_of(address, LIMIT_NETWORK_BITS)


def network_of(address: str, bits: int = NETWORK_BITS) -> str:
    """Return the network of one customer: an IPv4 address, or 48 bits of IPv6.

    Text that is not an address is returned unchanged.
    """
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(ip, ipaddress.IPv4Address):
        return str(ip)
    if ip.ipv4_mapped:
        return str(ip.ipv4_mapped)
    return str(ipaddress.ip_network((ip, bits), strict=False))


def hash_address(address: str) -> str:
    """Return a salted SHA-256 in hex. It tells callers apart without naming them."""
    return hashlib.sha256((settings.ADDRESS_SALT + address).encode()).hexdigest()
