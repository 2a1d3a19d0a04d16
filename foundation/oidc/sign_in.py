"""Sign-in with an OpenID Connect provider: its configuration, and its ID tokens.

OpenID Connect Core 1.0, the authorization code flow. The library's own check passes over the
signature of a token that comes from the token endpoint, and knows no nonce.
"""

import secrets
from dataclasses import dataclass
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import jwt

from foundation.oidc.documents import read_configuration, read_document
from foundation.oidc.errors import InvalidIdentityToken, IssuerUnavailable
from foundation.oidc.signing_keys import SigningKey, find_signing_key
from foundation.oidc.tokens import MAX_TOKEN_LENGTH, decode_claims, is_storable

KEPT_SECONDS = 600.0
RETRY_SECONDS = 5.0
"""After a failure, so that a provider that is down holds no thread for each click."""
MAX_SUBJECT_LENGTH = 255
REQUIRED_CLAIMS = ["exp", "iat", "iss", "aud", "sub", "nonce"]


@dataclass(frozen=True, slots=True)
class OidcConfiguration:
    """The configuration of a provider. ``userinfo_url`` may be empty."""

    issuer: str
    authorize_url: str
    token_url: str
    userinfo_url: str
    basic_auth: bool
    """Whether the client's secret goes into a header: the only way that this provider knows."""


_providers: dict[str, tuple[float, OidcConfiguration]] = {}
_failures: dict[str, float] = {}


def find_provider(server_url: str) -> OidcConfiguration:
    """Return the configuration of a provider, cached for ten minutes.

    Raises IssuerUnavailable.
    """
    read_at, provider = _providers.get(server_url, (float("-inf"), None))
    if provider is not None and monotonic() - read_at < KEPT_SECONDS:
        return provider
    if monotonic() - _failures.get(server_url, float("-inf")) < RETRY_SECONDS:
        raise IssuerUnavailable
    try:
        provider = _read_provider(server_url)
    except IssuerUnavailable:
        _failures[server_url] = monotonic()
        raise
    _failures.pop(server_url, None)
    _providers[server_url] = (monotonic(), provider)
    return provider


def forget_providers() -> None:
    """Clear the cache of configurations in this process."""
    _providers.clear()
    _failures.clear()


def _read_provider(server_url: str) -> OidcConfiguration:
    configuration = read_configuration(server_url)
    issuer = configuration.get("issuer")
    # Some issuers end with a slash, which people leave out.
    if issuer not in (server_url, f"{server_url}/"):
        raise IssuerUnavailable("The provider's configuration names another issuer.")
    methods = configuration.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    return OidcConfiguration(
        issuer=issuer,
        authorize_url=_address(configuration, "authorization_endpoint", issuer),
        token_url=_address(configuration, "token_endpoint", issuer),
        userinfo_url=_address(configuration, "userinfo_endpoint", issuer, is_optional=True),
        basic_auth="client_secret_post" not in methods,
    )


def _address(
    configuration: dict[str, Any], name: str, issuer: str, *, is_optional: bool = False
) -> str:
    """Return an address of the configuration. Raises IssuerUnavailable."""
    address = configuration.get(name)
    if address is None and is_optional:
        return ""
    # A secret goes there, so it is as protected on its way as the issuer's own address.
    schemes = {"https", urlsplit(issuer).scheme}
    if not isinstance(address, str) or urlsplit(address).scheme not in schemes:
        raise IssuerUnavailable(f"The provider's configuration has no usable {name}.")
    return address


def verify_id_token(
    token: object, *, provider: OidcConfiguration, client_id: str, nonce: str
) -> dict[str, Any]:
    """Return the claims of an ID token of this client and this browser.

    Raises InvalidIdentityToken, or IssuerUnavailable.
    """
    if not isinstance(token, str) or len(token) > MAX_TOKEN_LENGTH:
        raise InvalidIdentityToken("The provider sent no ID token, or one that is too long.")
    key = _find_key(token, provider)
    claims = decode_claims(
        token,
        key,
        audience=client_id,
        issuer=provider.issuer,
        options={"require": REQUIRED_CLAIMS},
    )
    # As escaped text, because a lone surrogate has no bytes.
    if not secrets.compare_digest(ascii(claims["nonce"]), ascii(nonce)):
        raise InvalidIdentityToken("The ID token belongs to another sign-in.")
    _require_client(claims, client_id)
    _require_subject(claims)
    return claims


def _find_key(token: str, provider: OidcConfiguration) -> SigningKey:
    try:
        header = jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError, OverflowError) as error:
        raise InvalidIdentityToken("The ID token cannot be read.") from error
    key = find_signing_key(provider.issuer, str(header.get("kid")), other_hosts=True)
    if key is None:
        raise InvalidIdentityToken("The provider has no key with the id that the token names.")
    return key


def _require_client(claims: dict[str, Any], client_id: str) -> None:
    """Refuse a token for several clients that was issued to another one of them."""
    is_shared = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    authorized_party = claims.get("azp", None if is_shared else client_id)
    if authorized_party != client_id:
        raise InvalidIdentityToken("The ID token was issued to another client.")


def _require_subject(claims: dict[str, Any]) -> None:
    subject = claims["sub"]
    is_text = isinstance(subject, str) and 0 < len(subject) <= MAX_SUBJECT_LENGTH
    if not is_text or not is_storable(subject):
        raise InvalidIdentityToken("The subject of the ID token is not a text.")


def read_userinfo(
    provider: OidcConfiguration, access_token: str, *, subject: str
) -> dict[str, Any]:
    """Return more claims about the subject of an ID token.

    None if the provider has no address for them. Raises InvalidIdentityToken if they are about
    another person, or IssuerUnavailable.
    """
    if not provider.userinfo_url:
        return {}
    claims = read_document(provider.userinfo_url, bearer=access_token)
    if claims.get("sub") != subject:
        raise InvalidIdentityToken("The provider's answer is about another person.")
    return claims
