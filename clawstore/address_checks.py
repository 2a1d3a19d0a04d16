"""Checks of the variables that say where the shop is.

In development, in which a visitor can sign in as any user, only this machine may reach the shop.
"""

from collections.abc import Iterable, Mapping
from email.utils import formataddr, parseaddr
from ipaddress import ip_address
from string import ascii_letters, digits
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from clawstore.environment import Environment

PUBLIC_GITHUB = "https://github.com"
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


def usual_form(url: str) -> str:
    """An http address as browsers write it: no capitals in the host, no usual port.

    Browsers compare origins letter by letter. Any other text is returned unchanged.
    """
    url = url.rstrip("/")
    if not host_of(url):
        return url
    parts = urlsplit(url)
    usual_port = {"http": ":80", "https": ":443"}[parts.scheme]
    return parts._replace(netloc=parts.netloc.lower().removesuffix(usual_port)).geturl()


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
    elif base_url and not _is_plain_address(base_url):
        env.refuse("BASE_URL", "has more than a host, a port and a path")
    strange = [name for name in hosts if not _is_host_name(name)]
    if strange:
        env.refuse("ALLOWED_HOSTS", f"contains {strange[0][:80]!r}, which is no host name")
    elif hosts and host and not any(_covers(name, host) for name in hosts):
        env.refuse("ALLOWED_HOSTS", f"lacks the host of BASE_URL, {host}")
    if any(origin != origin_of(origin) for origin in origins):
        env.refuse("CSRF_TRUSTED_ORIGINS", "contains an address without https:// or with a path")


def picture_origins(env: Environment, github_url: str) -> list[str]:
    """Hosts from which the worker may fetch profile pictures: GitHub's, over TLS."""
    scheme, _, host = github_url.partition("://")
    own = [f"{scheme}://{host}", f"{scheme}://avatars.{host}"]
    public = ["https://avatars.githubusercontent.com"]
    default = public if github_url == PUBLIC_GITHUB else own
    origins = [origin.lower() for origin in env.texts("GITHUB_PICTURE_ORIGINS", default)]
    strange = [origin for origin in origins if origin != origin_of(origin)]
    if strange:
        env.refuse("GITHUB_PICTURE_ORIGINS", f"contains {strange[0][:80]!r}, which is no origin")
    # A picture must not be exchanged on its way; a server of tests speaks http.
    return [o for o in origins if o.startswith("https://") or env.is_development]


def check_email(env: Environment, name: str, value: str) -> None:
    """Refuse a value that is not a plain address, because links contain it."""
    if value and not _is_email(value):
        env.refuse(name, f"is {value[:80]!r}, which is no email address")


def sender(env: Environment, instance_name: str, contact: str) -> str:
    """DEFAULT_FROM_EMAIL; by default the name and the address of the instance."""
    value = env.line("DEFAULT_FROM_EMAIL")
    if value and not _is_email(parseaddr(value)[1]):
        env.refuse("DEFAULT_FROM_EMAIL", f"is {value[:80]!r}, which has no email address")
    # A name such as "Claws, Inc." needs quotes.
    return value or formataddr((instance_name, contact))


def check_mail_server(env: Environment, url: str, config: Mapping[str, object]) -> None:
    if "smtp" in url.partition(":")[0] and not config.get("EMAIL_HOST"):
        env.refuse("EMAIL_URL", "names no mail server; its form is in .env.example")


def check_bind(env: Environment, addresses: Iterable[str]) -> None:
    """Refuse what gunicorn could not listen on."""
    for address in addresses:
        _, colon, port = address.rpartition(":")
        is_number = port.isascii() and port.isdigit() and len(port) < 6
        is_port = colon and is_number and 0 < int(port) < 65536
        if not (is_port or address.startswith(("unix:", "fd://"))):
            env.refuse("BIND", f"is {address[:80]!r}, not HOST:PORT or unix:PATH")


def _is_email(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


def _is_plain_address(url: str) -> bool:
    parts = urlsplit(url)
    has_blank = any(not c.isprintable() or c.isspace() for c in url)
    return not (has_blank or "@" in parts.netloc or "?" in url or "#" in url)


def _is_host_name(name: str) -> bool:
    if name.startswith("["):
        return bool(host_of(f"http://{name}"))
    return HOST_CHARACTERS.issuperset(name) and name.strip(".-") != ""


def _covers(name: str, host: str) -> bool:
    name = name.lower().strip("[]")
    return host == name or (name.startswith(".") and f".{host}".endswith(name))
