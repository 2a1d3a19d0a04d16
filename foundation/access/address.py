"""Where a request comes from, and how little of that is kept."""

import hashlib
import ipaddress
from collections.abc import Mapping

from django.conf import settings

NETWORK_BITS = 48  # Of IPv6: whoever gets fewer can still take 65,536 networks of 64 bits.


def client_address(meta: Mapping[str, object]) -> str:
    """The client's address. Proxy headers count only as far as our own proxies wrote them: with N
    trusted proxies it is the Nth entry from the right."""
    direct = str(meta.get("REMOTE_ADDR") or "")
    if not settings.TRUSTED_PROXIES:
        return direct
    entries = [
        e.strip() for e in str(meta.get("HTTP_X_FORWARDED_FOR") or "").split(",") if e.strip()
    ]
    if len(entries) < settings.TRUSTED_PROXIES:
        return direct
    return _clean(entries[-settings.TRUSTED_PROXIES]) or direct


def _clean(entry: str) -> str:
    try:
        return str(ipaddress.ip_address(entry))
    except ValueError:
        return ""


def network_of(address: str) -> str:
    """The network that an address belongs to, as far as one connection is usually given: an IPv4
    address itself, of IPv6 the first 48 bits. What is no address is its own network."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(ip, ipaddress.IPv4Address):
        return str(ip)
    if ip.ipv4_mapped:
        return str(ip.ipv4_mapped)
    return str(ipaddress.ip_network((ip, NETWORK_BITS), strict=False))


def hash_address(address: str) -> str:
    """Salted SHA-256 in hex: tells one caller from another, does not tell who."""
    return hashlib.sha256((settings.ADDRESS_SALT + address).encode()).hexdigest()
