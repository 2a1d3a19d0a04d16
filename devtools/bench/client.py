"""Our own small HTTP client: many connections in one process, no threads, every time kept."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from devtools.bench.figures import Figures, figures_of


@dataclass(slots=True)
class Load:
    """What all connections have seen."""

    times: list[float] = field(default_factory=list)
    refused: dict[int, int] = field(default_factory=dict)

    def note(self, status: int, seconds: float) -> None:
        if status < 400:
            self.times.append(seconds)
        else:
            self.refused[status] = self.refused.get(status, 0) + 1


def run_load(
    name: str, port: int, requests: list[Iterator[bytes]], *, seconds: float
) -> tuple[Figures, dict[int, int]]:
    """One connection for each iterator of raw requests, until time is up or it has no more.
    Gives the figures of what succeeded, and how often which status refused."""
    load, begin = Load(), time.perf_counter()
    asyncio.run(_run_all(port, requests, begin + seconds, load))
    passed = time.perf_counter() - begin
    return figures_of(name, passed, load.times, sum(load.refused.values())), load.refused


async def _run_all(port: int, requests: list[Iterator[bytes]], until: float, load: Load) -> None:
    await asyncio.gather(*(_run_one(port, one, until, load) for one in requests))


async def _run_one(port: int, requests: Iterator[bytes], until: float, load: Load) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for request in requests:
        begin = time.perf_counter()
        if begin >= until:
            break
        writer.write(request)
        status, stays_open = await _read_answer(reader)
        load.note(status, time.perf_counter() - begin)
        if not stays_open:
            writer.close()
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.close()


async def _read_answer(reader: asyncio.StreamReader) -> tuple[int, bool]:
    headers, status = await _read_head(reader)
    await reader.readexactly(int(headers[b"content-length"]))
    return status, headers.get(b"connection") != b"close"


async def _read_head(reader: asyncio.StreamReader) -> tuple[dict[bytes, bytes], int]:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    lines = head.split(b"\r\n")
    headers = dict(line.split(b": ", 1) for line in lines[1:] if b": " in line)
    return headers, int(lines[0].split()[1])


async def ask_from(address: str, port: int, path: str) -> tuple[int, int, float]:
    """One request from one of this machine's many addresses (127.0.0.0/8, Linux). Gives the status,
    the seconds to wait that the answer says (0 where it says nothing) and how long it took."""
    begin = time.perf_counter()
    reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(address, 0))
    writer.write(get(path))
    headers, status = await _read_head(reader)
    writer.close()
    return status, int(headers.get(b"retry-after", 0)), time.perf_counter() - begin


def get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()


def post(path: str, body: bytes, *, kind: str, key: str) -> bytes:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
