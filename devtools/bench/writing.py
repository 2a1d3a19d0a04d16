"""Writes per second when sixteen write at once: reviews, and small packages published."""

from collections.abc import Iterator
from itertools import count

import orjson

from devtools.bench.client import post, run_load
from devtools.bench.figures import Figures
from devtools.bench.packages import multipart, package_named
from devtools.bench.shop import Shop

WRITERS = 16


def measure_writing(shop: Shop, *, seconds: float) -> Iterator[tuple[Figures, dict[int, int]]]:
    writers = shop.make_writers(WRITERS, called="bench-writer")
    agents = shop.some_agents(5000)
    # All begin at the same agent: they meet on its row, as people do on a popular one.
    reviews = [_reviews(agents, key) for _, key in writers]
    yield run_load(f"review posted ({WRITERS} writers)", shop.port, reviews, seconds=seconds)
    versions = [_versions(login, key) for login, key in writers]
    yield run_load(f"version published ({WRITERS} writers)", shop.port, versions, seconds=seconds)


def _reviews(agents: list[tuple[str, str, str]], key: str) -> Iterator[bytes]:
    body = orjson.dumps({"rating": 4, "title": "Solid", "body": "Does what it says."})
    for scope, name, _ in agents:
        path = f"/v1/agents/{scope}/{name}/reviews"
        yield post(path, body, kind="application/json", key=key)


def _versions(login: str, key: str) -> Iterator[bytes]:
    for number in count():
        metadata, tarball = package_named(login, "bench-agent", f"1.0.{number}")
        kind, body = multipart(metadata, tarball)
        yield post("/v1/agents/publish", body, kind=kind, key=key)
