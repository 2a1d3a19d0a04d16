"""Limits of request bodies by route."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from foundation.limits.bodies import find_body_limit
from foundation.limits.declarations import FORM_BYTES, declared_bodies
from registry.package.limits import LIMITS

pytestmark = [pytest.mark.once, pytest.mark.django_db]


def routes(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        route = f"{prefix}{pattern.pattern}"
        if isinstance(pattern, URLPattern):
            yield route
        else:
            yield from routes(pattern, route)


def test_every_declared_route_exists() -> None:
    assert set(declared_bodies()) <= set(routes(get_resolver()))


def test_no_declared_limit_is_below_that_of_a_form() -> None:
    assert all(limit.bytes >= FORM_BYTES for limit in declared_bodies().values())


def test_largest_package_fits_into_an_upload() -> None:
    upload = find_body_limit("/v1/agents/publish")

    assert upload.refused_by_view
    assert upload.bytes >= LIMITS.tarball_bytes + 10 * LIMITS.image_bytes


@pytest.mark.parametrize("path", ["/signin", "/nowhere", "/v1/reports", "/v1/nowhere", "/admin/"])
def test_unknown_and_undeclared_routes_have_the_limit_of_a_form(client: Client, path: str) -> None:
    body = b"x" * (FORM_BYTES + 1)

    answer = client.generic("POST", path, body, content_type="application/json")

    assert answer.status_code == 413
    assert "64 KiB" in answer.text
    if path.startswith("/v1"):
        assert answer.json()["error"]["code"] == "too_large"


def test_route_may_declare_more(client: Client) -> None:
    body = b'{"installs": []}'

    padded_response = client.generic(
        "POST", "/v1/updates", body.ljust(256 * 1024), "application/json"
    )
    too_long = client.generic("POST", "/v1/updates", body.ljust(256 * 1024 + 1), "application/json")

    assert (padded_response.status_code, too_long.status_code) == (200, 413)
