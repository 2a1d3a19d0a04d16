"""Measure concurrent writes: posted reviews and published packages."""

from collections.abc import Iterator
from itertools import count

import orjson

from devtools.bench.client import post_request, run_load
from devtools.bench.figures import Figures
from devtools.bench.packages import make_small_package, multipart
from devtools.bench.shop import BenchShop

WRITERS = 16
PUBLISHERS = 4
"""More at once are refused, and clients that ask again at once take the time of the others."""


def measure_writing(shop: BenchShop, *, seconds: float) -> Iterator[tuple[Figures, dict[int, int]]]:
    writers = shop.make_writers(WRITERS, prefix="bench-writer")
    agents = shop.list_agents(5000)
    # All writers begin at the same agent, so that they compete for its row.
    reviews = [_review_requests(agents, key) for _, key in writers]
    yield run_load(f"review posted ({WRITERS} writers)", shop.port, reviews, seconds=seconds)
    versions = [_publish_requests(login, key) for login, key in writers[:PUBLISHERS]]
    yield run_load(
        f"version published ({PUBLISHERS} writers)", shop.port, versions, seconds=seconds
    )


def _review_requests(agents: list[tuple[str, str, str]], key: str) -> Iterator[bytes]:
    body = orjson.dumps({"rating": 4, "title": "Solid", "body": "Does what it says."})
    for scope, name, _ in agents:
        path = f"/v1/agents/{scope}/{name}/reviews"
        yield post_request(path, body, content_type="application/json", key=key)


def _publish_requests(login: str, key: str) -> Iterator[bytes]:
    for number in count():
        metadata, tarball = make_small_package(login, "bench-agent", f"1.0.{number}")
        content_type, body = multipart(metadata, tarball)
        yield post_request("/v1/agents/publish", body, content_type=content_type, key=key)
