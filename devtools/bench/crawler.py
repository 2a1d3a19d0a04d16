"""A hostile crawler: it asks for every couple of versions of one agent, each time from another
address, at a steady pace whatever it is told. What it makes the machine do. Linux only."""

import asyncio
import http.client
import os
import random
import re
import time
from dataclasses import dataclass, field
from itertools import cycle, permutations
from pathlib import Path

from devtools.bench.client import ask_from
from devtools.bench.figures import figures_of
from devtools.bench.packages import manual_named, multipart
from devtools.bench.shop import Shop

VERSIONS = 40
ADDRESSES = 5_000
A_SECOND = 20
TICKS = os.sysconf("SC_CLK_TCK")
SPENT = re.compile(r'^clawstore_budget_seconds_total\{budget="compare"\} (\S+)$', re.MULTILINE)


@dataclass(slots=True)
class Crawl:
    """What the crawler has seen."""

    times: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)
    longest_wait: int = 0

    def note(self, status: int, wait: int, seconds: float) -> None:
        self.times.append(seconds)
        self.statuses[status] = self.statuses.get(status, 0) + 1
        self.longest_wait = max(self.longest_wait, wait)


def measure_crawler(shop: Shop, *, seconds: float) -> list[tuple[str, str]]:
    """Publishes the agent, then crawls a server that limits as in production."""
    agent = _publish_many(shop)
    numbers = [f"1.0.{number}" for number in range(VERSIONS)]
    couples = [f"{agent}/changes/{old}...{new}" for old, new in permutations(numbers, 2)]
    random.Random(1).shuffle(couples)
    crawl = Crawl()
    with shop.with_limits() as (port, workers):
        spent, busy = _spent(port), _busy(workers)
        begin = time.perf_counter()
        asyncio.run(_crawl(port, couples, seconds, crawl))
        passed = time.perf_counter() - begin
        spent, busy = _spent(port) - spent, _busy(workers) - busy
    machine = passed * (os.cpu_count() or 1)
    figures = figures_of("", passed, crawl.times, 0)
    return [
        ("couples asked for", f"{figures.count:,} in {passed:.0f} s, {len(couples):,} there are"),
        ("answers by status", ", ".join(f"{n:,} x {s}" for s, n in sorted(crawl.statuses.items()))),
        ("longest wait told", f"{crawl.longest_wait} s"),
        ("an answer took", f"p50 {figures.p50:.1f} ms, p95 {figures.p95:.1f} ms"),
        ("processors making diffs", f"{100 * spent / machine:.1f} % of the machine"),
        ("processors in all", f"{100 * busy / machine:.1f} % of the machine"),
    ]


def _publish_many(shop: Shop) -> str:
    """The address of an agent with forty versions."""
    ((login, key),) = shop.make_writers(1, called="bench-manual")
    connection = http.client.HTTPConnection("127.0.0.1", shop.port, timeout=60)
    for version in range(VERSIONS):
        kind, body = multipart(*manual_named(login, "manual", version))
        headers = {"Authorization": f"Bearer {key}", "Content-Type": kind}
        connection.request("POST", "/v1/agents/publish", body, headers)
        answer = connection.getresponse()
        if answer.status >= 400:
            raise SystemExit(f"The agent to crawl was not published: {answer.read()[:500]!r}")
        answer.read()
    connection.close()
    return f"/agents/@{login}/manual"


async def _crawl(port: int, couples: list[str], seconds: float, crawl: Crawl) -> None:
    """Asks at its pace, whether it was answered or not."""
    under_way: set[asyncio.Task[None]] = set()
    begin = time.perf_counter()
    for asked, couple in enumerate(cycle(couples)):
        wait = begin + asked / A_SECOND - time.perf_counter()
        if asked / A_SECOND >= seconds:
            break
        await asyncio.sleep(max(0.0, wait))
        address = f"127.{1 + asked % ADDRESSES // 250}.0.{1 + asked % 250}"
        under_way.add(asyncio.create_task(_ask(address, port, couple, crawl)))
    await asyncio.gather(*under_way)


async def _ask(address: str, port: int, couple: str, crawl: Crawl) -> None:
    crawl.note(*await ask_from(address, port, couple))


def _spent(port: int) -> float:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", "/metrics")
    found = SPENT.search(connection.getresponse().read().decode())
    connection.close()
    return float(found[1]) if found else 0.0


def _busy(pids: list[int]) -> float:
    """Seconds of a processor that these processes have used so far."""
    stats = (Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in pids)
    return sum(int(stat[11]) + int(stat[12]) for stat in stats) / TICKS
