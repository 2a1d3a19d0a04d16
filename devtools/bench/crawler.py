"""Measure what a hostile crawler costs (Linux only).

The crawler requests the diff of every pair of versions of an agent, each from another address, at
a constant rate, whatever the responses are.
"""

import asyncio
import http.client
import os
import random
import re
import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import cycle, permutations

from devtools.bench.client import request_from
from devtools.bench.figures import compute_figures
from devtools.bench.packages import make_manual, multipart
from devtools.bench.shop import BenchShop, read_cpu_seconds

VERSIONS = 40
ADDRESSES = 5_000
REQUESTS_PER_SECOND = 20
BUDGET_METRIC = re.compile(
    r'^clawstore_budget_seconds_total\{budget="compare"\} (\S+)$', re.MULTILINE
)


@dataclass(slots=True)
class CrawlResult:
    """Latencies and longest Retry-After in seconds, and responses by status."""

    times: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    longest_wait: int = 0

    def record(self, status: int, wait: int, seconds: float) -> None:
        self.times.append(seconds)
        self.statuses[status] += 1
        self.longest_wait = max(self.longest_wait, wait)


def measure_crawler(shop: BenchShop, *, seconds: float) -> list[tuple[str, str]]:
    """Crawl a server that has the limits of production."""
    agent = _publish_agent(shop)
    numbers = [f"1.0.{number}" for number in range(VERSIONS)]
    paths = [f"{agent}/changes/{old}...{new}" for old, new in permutations(numbers, 2)]
    random.Random(1).shuffle(paths)
    result = CrawlResult()
    with shop.with_limits() as (port, workers):
        budget_seconds, cpu_seconds = _read_budget_seconds(port), read_cpu_seconds(workers)
        begin = time.perf_counter()
        asyncio.run(_crawl(port, paths, seconds, result))
        duration = time.perf_counter() - begin
        budget_seconds = _read_budget_seconds(port) - budget_seconds
        cpu_seconds = read_cpu_seconds(workers) - cpu_seconds
    available_seconds = duration * (os.cpu_count() or 1)
    figures = compute_figures("", duration, result.times, 0)
    statuses = ", ".join(f"{n:,} x {status}" for status, n in sorted(result.statuses.items()))
    return [
        ("requests", f"{figures.count:,} in {duration:.0f} s, of {len(paths):,} pairs"),
        ("responses by status", statuses),
        ("longest Retry-After", f"{result.longest_wait} s"),
        ("latency", f"p50 {figures.p50:.1f} ms, p95 {figures.p95:.1f} ms"),
        ("CPU time for diffs", f"{100 * budget_seconds / available_seconds:.1f} % of the machine"),
        (
            "CPU time of all workers",
            f"{100 * cpu_seconds / available_seconds:.1f} % of the machine",
        ),
    ]


def _publish_agent(shop: BenchShop) -> str:
    """Publish an agent with many versions and return the path of its page."""
    ((login, key),) = shop.make_writers(1, prefix="bench-manual")
    connection = http.client.HTTPConnection("127.0.0.1", shop.port, timeout=60)
    for version in range(VERSIONS):
        content_type, body = multipart(*make_manual(login, "manual", version))
        headers = {"Authorization": f"Bearer {key}", "Content-Type": content_type}
        connection.request("POST", "/v1/agents/publish", body, headers)
        response = connection.getresponse()
        if response.status >= 400:
            raise SystemExit(f"The agent to crawl was not published: {response.read()[:500]!r}")
        response.read()
    connection.close()
    return f"/agents/@{login}/manual"


async def _crawl(port: int, paths: list[str], seconds: float, result: CrawlResult) -> None:
    async def request(address: str, path: str) -> None:
        result.record(*await request_from(address, port, path))

    pending: set[asyncio.Task[None]] = set()
    begin = time.perf_counter()
    for number, path in enumerate(cycle(paths)):
        offset = number / REQUESTS_PER_SECOND
        if offset >= seconds:
            break
        # The rate does not depend on the responses: a slow server gets requests in parallel.
        await asyncio.sleep(max(0.0, begin + offset - time.perf_counter()))
        address = f"127.{1 + number % ADDRESSES // 250}.0.{1 + number % 250}"
        pending.add(asyncio.create_task(request(address, path)))
    await asyncio.gather(*pending)


def _read_budget_seconds(port: int) -> float:
    """CPU seconds that were charged to the budget of diffs."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", "/metrics")
    match = BUDGET_METRIC.search(connection.getresponse().read().decode())
    connection.close()
    return float(match[1]) if match else 0.0
