"""Public keys of issuers, kept in each process and read again when they rotate.

OpenID Connect Discovery 1.0: the issuer's ``/.well-known/openid-configuration`` names the address
of its keys (RFC 7517).
"""

import threading
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import jwt
import orjson
import requests

from foundation.oidc.errors import IssuerUnavailable
from foundation.oidc.issuers import Issuer

KEPT_SECONDS = 3600.0
"""After this time a key that the issuer took back is not accepted any more."""
RETRY_SECONDS = 10.0
"""Between two readings for unknown key ids, so that forged tokens cause no flood of requests."""
REQUEST_SECONDS = 3.0
WAIT_SECONDS = 1.0
"""For which a thread waits while another reads the keys."""
MAX_DOCUMENT_BYTES = 256 * 1024
ALGORITHMS = {"RSA": "RS256", "EC": "ES256"}
"""The one algorithm of each type of key. HMAC is none of them: the keys are public."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A public key, and the only algorithm whose signatures it verifies."""

    key: Any
    algorithm: str


@dataclass(frozen=True, slots=True)
class _KeySet:
    keys: Mapping[str, SigningKey]
    read_at: float


_sets: dict[str, _KeySet] = {}
_failures: dict[str, float] = {}
"""When an issuer could not be read, by its address."""
_locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)


def find_signing_key(issuer: Issuer, key_id: str) -> SigningKey | None:
    """Return the issuer's key with this id, or None. Raises IssuerUnavailable.

    Keys are read again after an hour, and at once for an unknown id: then the issuer may have
    rotated them. An issuer that does not answer is asked again after ten seconds.
    """
    key_set = _sets.get(issuer.url)
    if key_set is not None and _is_enough(key_set, key_id):
        return key_set.keys.get(key_id)
    # One thread reads. The others do not wait for long: a token is not verified yet, so anyone
    # could hold all threads while an issuer does not answer.
    lock = _locks[issuer.url]
    if not lock.acquire(timeout=WAIT_SECONDS):
        raise IssuerUnavailable
    try:
        key_set = _sets.get(issuer.url)
        if key_set is None or not _is_enough(key_set, key_id):
            key_set = _sets[issuer.url] = _read_again(issuer)
        return key_set.keys.get(key_id)
    finally:
        lock.release()


def _read_again(issuer: Issuer) -> _KeySet:
    if monotonic() - _failures.get(issuer.url, float("-inf")) < RETRY_SECONDS:
        raise IssuerUnavailable
    try:
        key_set = _KeySet(_read_keys(issuer), monotonic())
    except IssuerUnavailable:
        _failures[issuer.url] = monotonic()
        raise
    _failures.pop(issuer.url, None)
    return key_set


def _is_enough(key_set: _KeySet, key_id: str) -> bool:
    age = monotonic() - key_set.read_at
    return age < (KEPT_SECONDS if key_id in key_set.keys else RETRY_SECONDS)


def forget_keys() -> None:
    """Forget all keys, as a new process does."""
    _sets.clear()
    _failures.clear()


def _read_keys(issuer: Issuer) -> dict[str, SigningKey]:
    configuration = _read_document(f"{issuer.url.rstrip('/')}/.well-known/openid-configuration")
    address = configuration.get("jwks_uri")
    # Another host could serve keys of its own for tokens of this issuer.
    if configuration.get("issuer") != issuer.url or not _has_same_origin(address, issuer.url):
        raise IssuerUnavailable("The issuer's configuration names another issuer or host.")
    rows = _read_document(str(address)).get("keys")
    if not isinstance(rows, list):
        raise IssuerUnavailable("The issuer's keys are not a key set.")
    return dict(pair for row in rows[:100] if (pair := _read_key(row)))


def _has_same_origin(address: object, other: str) -> bool:
    if not isinstance(address, str):
        return False
    return urlsplit(address)[:2] == urlsplit(other)[:2]


def _read_key(row: object) -> tuple[str, SigningKey] | None:
    """Return the id and the key of a row, or None if it cannot verify a token."""
    if not isinstance(row, dict) or row.get("use", "sig") != "sig":
        return None
    key_id, algorithm = row.get("kid"), ALGORITHMS.get(str(row.get("kty")))
    if not isinstance(key_id, str) or algorithm is None:
        return None
    try:
        return key_id, SigningKey(jwt.PyJWK.from_dict(row, algorithm).key, algorithm)
    # Keys of other curves, or damaged ones, are passed over: the issuer has others.
    except (jwt.PyJWTError, ValueError, TypeError):
        return None


def _read_document(url: str) -> dict[str, Any]:
    """Read a JSON object over HTTP. Raises IssuerUnavailable."""
    deadline = monotonic() + REQUEST_SECONDS
    try:
        with requests.get(
            url, timeout=REQUEST_SECONDS, allow_redirects=False, stream=True
        ) as response:
            if response.status_code != 200:
                raise IssuerUnavailable(f"The issuer answered {response.status_code}.")
            body = b""
            for chunk in response.iter_content(16 * 1024):
                body += chunk
                if len(body) > MAX_DOCUMENT_BYTES or monotonic() > deadline:
                    raise IssuerUnavailable("The issuer's answer is too large or too slow.")
        document = orjson.loads(body)
    except (requests.RequestException, ValueError) as error:
        raise IssuerUnavailable from error
    if not isinstance(document, dict):
        raise IssuerUnavailable("The issuer's answer is not an object.")
    return document
