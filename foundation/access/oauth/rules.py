"""Rules of apps: what they may register, and which scopes they may get."""

from collections.abc import Iterable
from ipaddress import ip_address
from urllib.parse import urlsplit

from django.conf import settings

from foundation.access.oauth.errors import InvalidRedirectUri
from foundation.access.scopes import KeyScope, declared_scopes
from foundation.text.expressions import compile_text

MAX_REDIRECT_URIS = 5
REDIRECT_URI_LENGTH = 500
ACCESS_TOKEN_PREFIX = "mcp_at_"  # noqa: S105
REFRESH_TOKEN_PREFIX = "mcp_rt_"  # noqa: S105
# Of RFC 3986, without brackets: they are only allowed around an address.
URI_CHARACTERS = compile_text(r"[A-Za-z0-9\-._~:/?@!$&'()+,=%\[\]]+")
HOST = compile_text(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?")
# A SHA-256 in base64url.
CODE_CHALLENGE = compile_text(r"[A-Za-z0-9_-]{43}")
# Apps ask for it to get a refresh token, which every app gets here.
OFFLINE_ACCESS = "offline_access"


def resource() -> str:
    """Return the only resource of tokens: the address of MCP."""
    address: str = settings.OAUTH_RESOURCE
    return address


def grantable_scopes() -> dict[str, KeyScope]:
    """Return the scopes that an app can get, by name.

    Those of a role are not among them: an app that is tricked must not moderate.
    """
    return {name: scope for name, scope in declared_scopes().items() if not scope.role}


def in_order(names: Iterable[str]) -> str:
    """Return scopes as stored: with commas, in the declared order."""
    unordered_names = set(names)
    return ",".join(name for name in declared_scopes() if name in unordered_names)


def validate_redirect_uri(uri: str) -> str:
    """Return the URI. Raises InvalidRedirectUri unless it is https or loopback."""
    if len(uri) > REDIRECT_URI_LENGTH or not URI_CHARACTERS.fullmatch(uri):
        raise InvalidRedirectUri
    try:
        parts = urlsplit(uri)
        host, _port = parts.hostname or "", parts.port
    except ValueError as error:
        raise InvalidRedirectUri from error
    is_secure = parts.scheme == "https" and HOST.fullmatch(host) is not None
    if "@" in parts.netloc or not (is_secure or _is_local(parts.scheme, host)):
        raise InvalidRedirectUri
    return uri


def _is_local(scheme: str, host: str) -> bool:
    return scheme == "http" and is_loopback(host)


def is_loopback(host: str) -> bool:
    """Whether a host is this computer: ``localhost`` or a loopback address."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def origin_of(uri: str) -> str:
    """Return the origin of a redirect URI, as a content security policy spells it."""
    parts = urlsplit(uri)
    # Policies have no form for addresses in brackets.
    return f"{parts.scheme}:" if "[" in parts.netloc else f"{parts.scheme}://{parts.netloc}"


def host_of(uri: str) -> str:
    """Return the host of a redirect URI, with its port."""
    return urlsplit(uri).netloc
