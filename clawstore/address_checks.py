"""Checks of the variables that say where the shop is.

In development, in which a visitor can sign in as any user, only this machine may reach the shop.
"""

from collections.abc import Iterable
from ipaddress import ip_address
from string import ascii_letters, digits
from urllib.parse import urlsplit

from clawstore.environment import Environment

# The host of Django's test client.
TEST_HOST = "testserver"
ONLY_HERE = "but development is for this machine alone; set CLAWSTORE_MODE=production"
HOST_CHARACTERS = frozenset(ascii_letters + digits + ".-")


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the host."""
    host = host.strip("[]").lower()
    if host == "localhost" or (host.endswith(".localhost") and not host.startswith(".")):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def host_of(url: str) -> str:
    """The host name of an http address in lower case, or "" for any other text."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # Reading it checks it.
    except ValueError:
        return ""
    return parts.hostname or "" if parts.scheme in ("http", "https") else ""


def origin_of(url: str) -> str:
    return "://".join(urlsplit(url)[:2]) if host_of(url) else ""


def host_of_bind(address: str) -> str:
    """The host on which gunicorn listens; "" for all hosts and for sockets."""
    host, _, port = address.rpartition(":")
    return host if port.isdigit() else ""


def check_development(env: Environment, base_url: str, hosts: list[str], bind: list[str]) -> None:
    """Refuse each address that another machine can reach."""
    if not is_loopback(host_of(base_url)):
        env.refuse("BASE_URL", f"is {base_url[:80]!r}, {ONLY_HERE}")
    public = [host for host in hosts if not (is_loopback(host) or host == TEST_HOST)]
    if public:
        env.refuse("ALLOWED_HOSTS", f"contains {public[0][:80]!r}, {ONLY_HERE}")
    check_development_bind(env, bind)


def check_development_bind(env: Environment, bind: Iterable[str]) -> None:
    public = [address for address in bind if not is_loopback(host_of_bind(address))]
    if public:
        env.refuse("BIND", f"is {public[0][:80]!r}, {ONLY_HERE}")


def check_production(env: Environment, base_url: str, hosts: list[str], origins: list[str]) -> None:
    """Refuse texts that are no addresses, and addresses that do not fit together."""
    host = host_of(base_url)
    if base_url and not (base_url.startswith("https://") and host):
        env.refuse("BASE_URL", "does not begin with https:// and a host name")
    strange = [name for name in hosts if not _is_host_name(name)]
    if strange:
        env.refuse("ALLOWED_HOSTS", f"contains {strange[0][:80]!r}, which is no host name")
    elif hosts and host and not any(_covers(name, host) for name in hosts):
        env.refuse("ALLOWED_HOSTS", f"lacks the host of BASE_URL, {host}")
    if any(origin != origin_of(origin) for origin in origins):
        env.refuse("CSRF_TRUSTED_ORIGINS", "contains an address without https:// or with a path")


def check_email(env: Environment, name: str, value: str) -> None:
    if value and not all(value.partition("@")):
        env.refuse(name, f"is {value[:80]!r}, which is no email address")


def _is_host_name(name: str) -> bool:
    if name.startswith("["):
        return bool(host_of(f"http://{name}"))
    return HOST_CHARACTERS.issuperset(name) and name.strip(".-") != ""


def _covers(name: str, host: str) -> bool:
    name = name.lower().strip("[]")
    return host == name or (name.startswith(".") and f".{host}".endswith(name))
