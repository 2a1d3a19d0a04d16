"""The address of a client, and what is stored of it."""

import hashlib
from typing import Any

import pytest

from foundation.access.address import client_address, hash_address, limit_network, network_of

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("proxies", "forwarded_for", "address"),
    [
        (0, None, "10.0.0.1"),
        (0, "1.2.3.4", "10.0.0.1"),
        (1, None, "10.0.0.1"),
        (1, "", "10.0.0.1"),
        (1, "1.2.3.4", "1.2.3.4"),
        (1, "6.6.6.6, 1.2.3.4", "1.2.3.4"),
        (1, "forged, 6.6.6.6 ,1.2.3.4", "1.2.3.4"),
        (2, "6.6.6.6, 1.2.3.4, 10.0.0.2", "1.2.3.4"),
        (2, "1.2.3.4", "10.0.0.1"),
        (1, "::1", "::1"),
        (1, "2001:DB8::1", "2001:db8::1"),
        (1, "1.2.3.4, garbage", "10.0.0.1"),
        (1, "1.2.3.4:5678", "1.2.3.4"),
        (1, "[2001:DB8::1]", "2001:db8::1"),
        (1, "[2001:db8::1]:443", "2001:db8::1"),
        (1, '"[2001:db8::1]:443"', "2001:db8::1"),
        (2, "6.6.6.6:1, [2001:db8::1]:443, 10.0.0.2:80", "2001:db8::1"),
        (1, "1.2.3.4:evil", "10.0.0.1"),
        (1, "[2001:db8::1]evil", "10.0.0.1"),
        (1, "[2001:db8::1", "10.0.0.1"),
        (1, "2001:db8::1]", "10.0.0.1"),
        (1, "2001:db8:0:0:0:0:0:1:443", "2001:db8::1"),
        (1, "::ffff:1.2.3.4", "1.2.3.4"),
        (1, "[::ffff:1.2.3.4]:443", "1.2.3.4"),
        (1, "fe80::1%eth0", "fe80::1"),
        (1, "1.2.3", "10.0.0.1"),
        (1, "for=1.2.3.4", "10.0.0.1"),
        (1, "\u0661.\u0662.\u0663.\u0664", "10.0.0.1"),
        (1, "unknown", "10.0.0.1"),
        (1, "x" * 8000, "10.0.0.1"),
    ],
)
def test_proxy_headers_are_trusted_for_our_own_proxies_only(
    settings: Any, proxies: int, forwarded_for: str | None, address: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    meta = {"REMOTE_ADDR": "10.0.0.1"}
    if forwarded_for is not None:
        meta["HTTP_X_FORWARDED_FOR"] = forwarded_for

    assert client_address(meta) == address


def test_address_is_stored_as_a_salted_digest(settings: Any) -> None:
    assert hash_address("1.2.3.4") == hashlib.sha256(b"salt1.2.3.4").hexdigest()
    settings.ADDRESS_SALT = "other"
    assert hash_address("1.2.3.4") == hashlib.sha256(b"other1.2.3.4").hexdigest()


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("1.2.3.4", "1.2.3.4"),
        ("2001:db8:1:2:3::4", "2001:db8:1::/48"),
        ("2001:db8:1:ffff::", "2001:db8:1::/48"),
        ("::ffff:1.2.3.4", "1.2.3.4"),
        ("", ""),
        ("unix:", "unix:"),
    ],
)
def test_network_is_the_prefix_of_one_connection(address: str, network: str) -> None:
    assert network_of(address) == network


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("1.2.3.4", "1.2.3.4"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("::ffff:1.2.3.4", "1.2.3.4"),
    ],
)
def test_limits_count_a_network_of_64_bits(address: str, network: str) -> None:
    assert limit_network(address) == network
