"""Public keys of issuers, cached in each process and read again when they rotate.

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

from foundation.oidc.documents import read_configuration, read_document
from foundation.oidc.errors import IssuerUnavailable

KEPT_SECONDS = 3600.0
"""After this time a key that the issuer took back is not accepted any more."""
RETRY_SECONDS = 10.0
"""Between two readings for unknown key ids, so that forged tokens cause no flood of requests."""
WAIT_SECONDS = 1.0
"""For which a thread waits while another reads the keys."""
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


def find_signing_key(
    issuer_url: str, key_id: str, *, other_hosts: bool = False
) -> SigningKey | None:
    """Return the issuer's key with this id, or None. Raises IssuerUnavailable.

    ``other_hosts``: the keys may be at another host than the issuer, as those of some providers
    of sign-in are. Keys are read again after an hour, and at once for an unknown id: then the
    issuer may have rotated them. An issuer that does not answer is asked again after ten seconds.
    """
    key_set = _sets.get(issuer_url)
    if key_set is not None and _is_enough(key_set, key_id):
        return key_set.keys.get(key_id)
    # One thread reads. The others do not wait for long: a token is not verified yet, so anyone
    # could hold all threads while an issuer does not answer.
    lock = _locks[issuer_url]
    if not lock.acquire(timeout=WAIT_SECONDS):
        raise IssuerUnavailable
    try:
        key_set = _sets.get(issuer_url)
        if key_set is None or not _is_enough(key_set, key_id):
            key_set = _sets[issuer_url] = _read_again(issuer_url, other_hosts)
        return key_set.keys.get(key_id)
    finally:
        lock.release()


def _read_again(issuer_url: str, other_hosts: bool) -> _KeySet:
    if monotonic() - _failures.get(issuer_url, float("-inf")) < RETRY_SECONDS:
        raise IssuerUnavailable
    try:
        key_set = _KeySet(_read_keys(issuer_url, other_hosts), monotonic())
    except IssuerUnavailable:
        _failures[issuer_url] = monotonic()
        raise
    _failures.pop(issuer_url, None)
    return key_set


def _is_enough(key_set: _KeySet, key_id: str) -> bool:
    age = monotonic() - key_set.read_at
    return age < (KEPT_SECONDS if key_id in key_set.keys else RETRY_SECONDS)


def forget_keys() -> None:
    """Clear the cache of keys in this process."""
    _sets.clear()
    _failures.clear()


def _read_keys(issuer_url: str, other_hosts: bool) -> dict[str, SigningKey]:
    configuration = read_configuration(issuer_url)
    address = configuration.get("jwks_uri")
    # At another host they are as protected on their way as the issuer's own address.
    has_same_scheme = isinstance(address, str) and urlsplit(address).scheme in {
        "https",
        urlsplit(issuer_url).scheme,
    }
    is_allowed = has_same_scheme if other_hosts else _has_same_origin(address, issuer_url)
    # Another host could serve keys of its own for tokens of this issuer.
    if configuration.get("issuer") != issuer_url or not is_allowed:
        raise IssuerUnavailable("The issuer's configuration names another issuer or host.")
    rows = read_document(str(address)).get("keys")
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
