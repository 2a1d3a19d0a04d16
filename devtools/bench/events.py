"""Publishes, reviews and downloads at a constant rate, in a process of their own.

The rate does not depend on the answers. Linux only: each download comes from another address of the
loopback network, as a visitor who is counted.
"""

import asyncio
import multiprocessing
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.sharedctypes import Synchronized
from typing import Any

import orjson

from devtools.bench.client import get_request, post_request, send_from
from devtools.bench.packages import make_small_package, multipart
from devtools.bench.shop import BenchShop

WRITERS = 16
PER_SECOND = {"publish": 1, "review": 1, "download": 10}
ADDRESSES = 50_000
END_TIMEOUT = 60

# A child has all that the parent has made, and nothing has to be sent to it.
fork = multiprocessing.get_context("fork")


@dataclass(frozen=True, slots=True)
class EventSource:
    """The requests of each kind of event by number.

    ``last_numbers`` are the highest used ones.
    """

    port: int
    requests: dict[str, Callable[[int], bytes]]
    last_numbers: "dict[str, Synchronized[int]]"

    @contextmanager
    def run(self, rate: int) -> Iterator[Counter[str]]:
        """Send ``rate`` times the usual number of events while the block runs.

        The counter has the answers by kind behind the block.
        """
        answers: Counter[str] = Counter()
        is_ended, queue = fork.Value("i", 0), fork.Queue()
        process = fork.Process(target=self._send_all, args=(rate, is_ended, queue))
        process.start()
        try:
            yield answers
        finally:
            is_ended.value = 1
            answers.update(queue.get(timeout=END_TIMEOUT))
            process.join()

    def _send_all(self, rate: int, is_ended: "Synchronized[int]", queue: Any) -> None:
        queue.put(asyncio.run(self._send(rate, is_ended)))

    async def _send(self, rate: int, is_ended: "Synchronized[int]") -> Counter[str]:
        answers: Counter[str] = Counter()
        tasks: list[asyncio.Task[None]] = []
        begin = time.perf_counter()
        for moment, kind in _moments(rate):
            await asyncio.sleep(max(0.0, begin + moment - time.perf_counter()))
            if is_ended.value:
                break
            number = self.last_numbers[kind]
            number.value += 1
            tasks.append(asyncio.create_task(self._send_event(kind, number.value, answers)))
        await asyncio.gather(*tasks)
        return answers

    async def _send_event(self, kind: str, number: int, answers: Counter[str]) -> None:
        place = number % ADDRESSES
        address = f"127.{1 + place // 250}.0.{1 + place % 250}"
        status = await send_from(address, self.port, self.requests[kind](number))
        answers[kind if status < 400 else f"{kind}: {status}"] += 1


def _moments(rate: int) -> Iterator[tuple[float, str]]:
    """The kind of each event and the second when it is sent."""
    intervals = {kind: 1 / (rate * number) for kind, number in PER_SECOND.items()}
    moments = {kind: interval / 2 for kind, interval in intervals.items()}
    while True:
        kind = min(moments, key=lambda name: moments[name])
        yield moments[kind], kind
        moments[kind] += intervals[kind]


def make_event_source(shop: BenchShop) -> EventSource:
    writers = shop.make_writers(WRITERS, prefix="bench-event")
    numbers = {kind: fork.Value("i", 0) for kind in PER_SECOND}
    return EventSource(shop.port, _make_requests(shop, writers), numbers)


def _make_requests(
    shop: BenchShop, writers: Sequence[tuple[str, str]]
) -> dict[str, Callable[[int], bytes]]:
    agents, with_tarballs = shop.list_agents(5_000), shop.list_agents_with_tarballs()
    review = orjson.dumps({"rating": 4, "title": "Solid", "body": "Does what it says."})

    def publish(number: int) -> bytes:
        login, key = writers[number % WRITERS]
        content_type, body = multipart(*make_small_package(login, "bench-event", f"1.0.{number}"))
        return post_request("/v1/agents/publish", body, content_type=content_type, key=key)

    def post_review(number: int) -> bytes:
        # A writer reviews an agent once.
        scope, name, _ = agents[number // WRITERS % len(agents)]
        path, key = f"/v1/agents/{scope}/{name}/reviews", writers[number % WRITERS][1]
        return post_request(path, review, content_type="application/json", key=key)

    def download(number: int) -> bytes:
        scope, name, version = with_tarballs[number % len(with_tarballs)]
        return get_request(f"/v1/agents/{scope}/{name}/versions/{version}/tarball")

    return {"publish": publish, "review": post_review, "download": download}
