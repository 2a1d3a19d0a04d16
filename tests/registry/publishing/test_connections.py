"""The HTTP connection after a publish was publish_unsigned."""

import httpx
import pytest

from tests.support.servers.no_tls import NO_TLS
from tests.support.servers.shop import LiveShop

pytestmark = pytest.mark.once


def publish_unsigned(shop: LiveShop, size: int) -> httpx.Response:
    """Sends a publish without a credential, so that its body is not read."""
    files = {"tarball": ("package.tgz", bytes(size), "application/gzip")}
    return shop.post("/v1/agents/publish", files=files)


def test_refusal_with_unread_body_closes_the_connection(
    live_shop: LiveShop,
) -> None:
    """Otherwise the next request on a kept connection would be lost."""
    answer = publish_unsigned(live_shop, 1_000_000)

    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "unauthorized"
    assert answer.headers["Connection"] == "close"


def test_request_after_a_large_refused_one_is_answered(live_shop: LiveShop) -> None:
    files = {"tarball": ("package.tgz", bytes(1_000_000), "application/gzip")}
    with httpx.Client(base_url=live_shop.url, timeout=30, verify=NO_TLS) as client:
        codes = [
            status
            for _ in range(5)
            for status in (
                client.post("/v1/agents/publish", files=files).status_code,
                client.post("/v1/updates", json={"installs": []}).status_code,
            )
        ]

    assert codes == [401, 200] * 5
