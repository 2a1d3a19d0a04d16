"""Verifies identity tokens: signature, issuer, audience and times (RFC 7519)."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from jwt.types import Options

from foundation.clock import now
from foundation.oidc.errors import InvalidIdentityToken
from foundation.oidc.issuers import Issuer, find_issuer
from foundation.oidc.signing_keys import SigningKey, find_signing_key

MAX_TOKEN_LENGTH = 16 * 1024
"""Characters. Tokens of GitHub have about 2,000, those of GitLab 3,000."""
MAX_TEXT_LENGTH = 255
"""Characters of a claim that is stored."""
CLOCK_SKEW = timedelta(seconds=60)
MAX_REMAINING = timedelta(hours=24)
"""The longest time to expiry: so long is the id of a token kept against a second use."""
REQUIRED_CLAIMS = ["exp", "iat", "iss", "aud", "sub", "jti"]


@dataclass(frozen=True, slots=True)
class IdentityToken:
    """A verified token.

    ``token_id`` (``jti``) is unique for the issuer, ``expires_at`` is in UTC.
    """

    issuer: Issuer
    token_id: str
    expires_at: datetime
    claims: dict[str, Any]

    def text(self, name: str) -> str:
        """Return a claim that is a text of at most 255 characters, else an empty one."""
        value = self.claims.get(name)
        is_usable = isinstance(value, str) and len(value) <= MAX_TEXT_LENGTH and is_storable(value)
        return str(value) if is_usable else ""


def is_storable(text: str) -> bool:
    """Whether every database stores a text: no NUL and no lone surrogate."""
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def verify_token(token: str, *, audience: str) -> IdentityToken:
    """Verify a token. Raises InvalidIdentityToken, or IssuerUnavailable.

    ``audience`` must be the only audience of the token, so that a token for another service is
    worth nothing here.
    """
    if len(token) > MAX_TOKEN_LENGTH:
        raise InvalidIdentityToken(f"The token has more than {MAX_TOKEN_LENGTH} characters.")
    issuer, key = _find_key(token)
    claims = decode_claims(
        token,
        key,
        audience=audience,
        issuer=issuer.url,
        options={"require": REQUIRED_CLAIMS, "strict_aud": True},
    )
    return _as_identity(issuer, claims)


def decode_claims(
    token: str, key: SigningKey, *, audience: str, issuer: str, options: Options
) -> dict[str, Any]:
    """Return the claims of a token that this key has signed.

    ``options`` are those of `jwt.decode`. Raises InvalidIdentityToken.
    """
    try:
        return jwt.decode(
            token,
            key.key,
            # Never the algorithm that the token names: it could be none.
            algorithms=[key.algorithm],
            audience=audience,
            issuer=issuer,
            leeway=CLOCK_SKEW,
            options=options,
        )
    except jwt.PyJWTError as error:
        raise InvalidIdentityToken(f"The identity token is not valid: {error}.") from error
    # The parser of JSON raises these for huge numbers and for deep nesting.
    except (ValueError, TypeError, RecursionError, OverflowError) as error:
        raise InvalidIdentityToken from error


def _find_key(token: str) -> tuple[Issuer, SigningKey]:
    """Return issuer and key that a token names, neither of them verified yet."""
    try:
        unverified = jwt.decode_complete(token, options={"verify_signature": False})
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError, OverflowError) as error:
        raise InvalidIdentityToken("The identity token cannot be read.") from error
    issuer = find_issuer(str(unverified["payload"].get("iss")))
    if issuer is None:
        raise InvalidIdentityToken("This site does not trust the issuer of the token.")
    key = find_signing_key(issuer.url, str(unverified["header"].get("kid")))
    if key is None:
        raise InvalidIdentityToken("The issuer has no key with the id that the token names.")
    return issuer, key


def _as_identity(issuer: Issuer, claims: dict[str, Any]) -> IdentityToken:
    token_id = claims["jti"]
    try:
        expires_at = datetime.fromtimestamp(int(claims["exp"]), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise InvalidIdentityToken("The time of expiry cannot be read.") from error
    if not isinstance(token_id, str) or not 0 < len(token_id) <= 255 or not is_storable(token_id):
        raise InvalidIdentityToken(
            "The id of the token (jti) is not a text of 1 to 255 characters."
        )
    if expires_at > now() + MAX_REMAINING:
        raise InvalidIdentityToken("The token is valid for more than 24 hours.")
    return IdentityToken(issuer, token_id, expires_at, claims)
