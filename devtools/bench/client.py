"""A small HTTP client: many connections, raw requests, every latency recorded.

It exists because a general client spends more time per request than the server does.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from devtools.bench.figures import Figures, compute_figures


@dataclass(slots=True)
class LoadResult:
    """Latencies of successful requests in seconds, and the other responses by status."""

    times: list[float] = field(default_factory=list)
    refusals: Counter[int] = field(default_factory=Counter)

    def record(self, status: int, seconds: float) -> None:
        if status < 400:
            self.times.append(seconds)
        else:
            self.refusals[status] += 1


def run_load(
    name: str, port: int, requests: list[Iterator[bytes]], *, seconds: float
) -> tuple[Figures, dict[int, int]]:
    """Send requests for some seconds, over one connection for each iterator.

    Returns the figures of the successful requests and the number of others by status.
    """
    result, begin = LoadResult(), time.perf_counter()

    async def run_all() -> None:
        end = begin + seconds
        await asyncio.gather(
            *(_run_connection(port, request_list, end, result) for request_list in requests)
        )

    asyncio.run(run_all())
    duration = time.perf_counter() - begin
    return compute_figures(name, duration, result.times, result.refusals.total()), result.refusals


async def _run_connection(
    port: int, requests: Iterator[bytes], end: float, result: LoadResult
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for request in requests:
        begin = time.perf_counter()
        if begin >= end:
            break
        writer.write(request)
        headers, status = await _read_head(reader)
        await reader.readexactly(int(headers[b"content-length"]))
        result.record(status, time.perf_counter() - begin)
        if headers.get(b"connection") == b"close":
            writer.close()
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.close()


async def _read_head(reader: asyncio.StreamReader) -> tuple[dict[bytes, bytes], int]:
    """The headers, lowercase, and the status."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    lines = head.split(b"\r\n")
    headers = dict(line.split(b": ", 1) for line in lines[1:] if b": " in line)
    return headers, int(lines[0].split()[1])


async def request_from(address: str, port: int, path: str) -> tuple[int, int, float]:
    """Send one GET request from a loopback address (127.0.0.0/8; Linux only).

    Returns the status, the seconds of Retry-After (0 without that header) and the latency.
    """
    begin = time.perf_counter()
    headers, status = await _send_once(address, port, get_request(path))
    return status, int(headers.get(b"retry-after", 0)), time.perf_counter() - begin


async def send_from(address: str, port: int, request: bytes) -> int:
    """Send a request from a loopback address and return its status."""
    return (await _send_once(address, port, request))[1]


async def _send_once(address: str, port: int, request: bytes) -> tuple[dict[bytes, bytes], int]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(address, 0))
    writer.write(request)
    headers, status = await _read_head(reader)
    # A server that is still sending would otherwise take the closed connection for a fault.
    await reader.readexactly(int(headers.get(b"content-length", 0)))
    writer.close()
    return headers, status


def get_request(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()


def post_request(path: str, body: bytes, *, content_type: str, key: str) -> bytes:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
