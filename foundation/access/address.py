"""Addresses of clients, and the hash that is stored of them."""

import hashlib
import ipaddress
from collections.abc import Mapping
from functools import lru_cache

from django.conf import settings

# Of an IPv6 address. A customer with a smaller network can still take 65,536 networks of 64 bits.
NETWORK_BITS = 48
LIMIT_NETWORK_BITS = 64


def client_address(meta: Mapping[str, object]) -> str:
    """Return the client's address from ``request.META``.

    Only the entries of ``X-Forwarded-For`` that our own proxies wrote are trusted: with N proxies
    (``TRUSTED_PROXIES``) the client is the Nth entry from the right.
    """
    remote = str(meta.get("REMOTE_ADDR") or "")
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
    entry = entry.strip('"')
    if entry.startswith("["):
        entry, _, port = entry[1:].partition("]")
        port = port.removeprefix(":")
    elif entry.count(":") == 1:
        entry, _, port = entry.partition(":")
    else:
        port = ""
    try:
        ip = ipaddress.ip_address(entry)
    except ValueError:
        return ""
    return str(ip) if not port or port.isdigit() else ""


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
