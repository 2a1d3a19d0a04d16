"""What becomes of the connection on which a publish was refused."""

import httpx

from tests.support.servers.shop import LiveShop


def refused(shop: LiveShop, size: int) -> httpx.Response:
    """A publish that nobody signs, so that its body is never read."""
    files = {"tarball": ("package.tgz", bytes(size), "application/gzip")}
    return shop.post("/v1/agents/publish", files=files)


def test_a_refusal_of_a_body_that_was_not_read_ends_the_connection_and_says_so(
    live_shop: LiveShop,
) -> None:
    """Else the next request of a client that keeps its connections would be lost."""
    answer = refused(live_shop, 1_000_000)

    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "unauthorized"
    assert answer.headers["Connection"] == "close"


def test_requests_after_large_ones_are_answered(live_shop: LiveShop) -> None:
    files = {"tarball": ("package.tgz", bytes(1_000_000), "application/gzip")}
    with httpx.Client(base_url=live_shop.url, timeout=30) as client:
        codes = [
            status
            for _ in range(5)
            for status in (
                client.post("/v1/agents/publish", files=files).status_code,
                client.post("/v1/updates", json={"installs": []}).status_code,
            )
        ]

    assert codes == [401, 200] * 5
