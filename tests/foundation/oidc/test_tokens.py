"""Only a token that the issuer signed for this shop, and for now, is accepted."""

import base64
import hashlib
import hmac
from collections.abc import Iterator
from time import time
from typing import Any

import jwt
import orjson
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from foundation.oidc import signing_keys
from foundation.oidc.errors import InvalidIdentityToken, IssuerUnavailable
from foundation.oidc.issuers import PUBLIC_ISSUERS, read_issuers
from foundation.oidc.tokens import verify_token
from tests.support.issuer import AUDIENCE, TestIssuer, running_issuer

DEEP = base64.urlsafe_b64encode(b"[" * 5000).decode()
pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def issuer() -> Iterator[TestIssuer]:
    with running_issuer() as issuer:
        yield issuer


@pytest.fixture(autouse=True)
def working_issuer(issuer: TestIssuer) -> None:
    if "/keys" not in issuer.documents or list(issuer.keys) != ["first"]:
        issuer.rotate("first")
        signing_keys.forget_keys()


def test_token_of_the_issuer_for_this_shop_is_verified(issuer: TestIssuer) -> None:
    token = verify_token(issuer.token(), audience=AUDIENCE)

    assert token.issuer.url == issuer.url
    assert token.text("repository") == "ada/coach"
    assert token.text("environment") == ""
    # Clocks may differ by a minute, in both directions.
    assert verify_token(issuer.token(exp=int(time()) - 50), audience=AUDIENCE)
    assert verify_token(issuer.token(iat=int(time()) + 50, nbf=int(time()) + 50), audience=AUDIENCE)


def forge_token(issuer: TestIssuer, algorithm: str) -> str:
    """A token whose key is no private key of the issuer."""
    claims = jwt.decode(issuer.token(), options={"verify_signature": False})
    if algorithm == "none":
        return jwt.encode(claims, None, "none", headers={"kid": "first"})  # type: ignore[arg-type]
    if algorithm == "RS256":
        other_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        return jwt.encode(claims, other_key, "RS256", headers={"kid": "first"})
    # The public key as an HMAC secret, which is known to all.
    secret = issuer.keys["first"].public_key()
    pem = secret.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    head, body = (
        base64.urlsafe_b64encode(orjson.dumps(part)).rstrip(b"=")
        for part in ({"alg": "HS256", "typ": "JWT", "kid": "first"}, claims)
    )
    signature = hmac.new(pem, head + b"." + body, hashlib.sha256).digest()
    return b".".join([head, body, base64.urlsafe_b64encode(signature).rstrip(b"=")]).decode()


@pytest.mark.parametrize("algorithm", ["none", "RS256", "HS256"])
def test_forged_signature_is_refused(issuer: TestIssuer, algorithm: str) -> None:
    with pytest.raises(InvalidIdentityToken):
        verify_token(forge_token(issuer, algorithm), audience=AUDIENCE)


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "https://other.example.org"},
        # For this shop and for another one, which could use it here.
        {"aud": [AUDIENCE, "https://other.example.org"]},
        {"aud": None},
        {"iss": "https://token.actions.githubusercontent.com"},
        {"exp": int(time()) - 120},
        {"exp": None},
        {"exp": 10**30},
        {"exp": int(time()) + 30 * 86400},
        {"nbf": int(time()) + 3600},
        {"iat": int(time()) + 3600},
        {"jti": None},
        {"jti": 7},
        {"jti": ""},
        {"jti": "x" * 256},
        {"sub": None},
    ],
)
def test_token_for_others_or_of_another_time_is_refused(
    issuer: TestIssuer, changes: dict[str, Any]
) -> None:
    with pytest.raises(InvalidIdentityToken):
        verify_token(issuer.token(**changes), audience=AUDIENCE)


@pytest.mark.parametrize(
    "text",
    ["", "a.b", "a.b.c", "é.é.é", "." * 100, "e30." * 5000, "x" * 20_000, f"{DEEP}.e30.e30"],
)
def test_text_that_is_no_token_is_refused(issuer: TestIssuer, text: str) -> None:
    with pytest.raises(InvalidIdentityToken):
        verify_token(text, audience=AUDIENCE)


def test_new_key_is_read_at_once_and_a_former_one_ends(
    issuer: TestIssuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    former_token = issuer.token()
    verify_token(former_token, audience=AUDIENCE)
    issuer.rotate("second")
    monkeypatch.setattr(signing_keys, "RETRY_SECONDS", 0.0)

    assert verify_token(issuer.token(), audience=AUDIENCE)
    with pytest.raises(InvalidIdentityToken):
        verify_token(former_token, audience=AUDIENCE)


def test_unknown_key_ids_cause_one_request(issuer: TestIssuer) -> None:
    verify_token(issuer.token(), audience=AUDIENCE)
    issuer.requests.clear()
    for number in range(20):
        token = jwt.encode({"iss": issuer.url}, "s" * 32, headers={"kid": f"unknown-{number}"})
        with pytest.raises(InvalidIdentityToken):
            verify_token(token, audience=AUDIENCE)

    assert issuer.requests == []


@pytest.mark.parametrize(
    ("path", "document"),
    [
        ("/keys", None),
        ("/keys", []),
        ("/keys", {"keys": 7}),
        ("/.well-known/openid-configuration", {}),
        ("/.well-known/openid-configuration", {"issuer": "x", "jwks_uri": "http://[::1]:1/keys"}),
        ("/keys", {"keys": ["x" * 300_000]}),
    ],
)
def test_issuer_without_usable_keys_is_unavailable(
    issuer: TestIssuer, path: str, document: object
) -> None:
    token = issuer.token()
    issuer.documents = issuer.documents | {path: document}
    signing_keys.forget_keys()

    with pytest.raises(IssuerUnavailable):
        verify_token(token, audience=AUDIENCE)
    # It is not asked again for each token: anyone can send one with its name.
    issuer.requests.clear()
    with pytest.raises(IssuerUnavailable):
        verify_token(token, audience=AUDIENCE)
    assert issuer.requests == []
    issuer.documents.pop("/keys")


def test_setting_names_kinds_and_addresses() -> None:
    github, gitlab = read_issuers(PUBLIC_ISSUERS, allow_http=False)
    enterprise = "github=https://git.corp.example/_services/token"

    assert (github.website, gitlab.website) == ("https://github.com", "https://gitlab.com")
    (issuer,) = read_issuers(enterprise, allow_http=False)
    assert issuer.website == "https://git.corp.example"
    assert issuer.label == "GitHub Actions (git.corp.example)"
    assert read_issuers("none", allow_http=False) == ()
    for text in ("github", "jenkins=https://a.example", "github=http://a.example", "github=https:"):
        with pytest.raises(ValueError, match="neither"):
            read_issuers(text, allow_http=False)
