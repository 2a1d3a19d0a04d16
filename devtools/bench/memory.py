"""Measure the memory of a worker that publishes 100 MiB (Linux only)."""

import http.client
import time
from collections.abc import Iterator
from pathlib import Path

from devtools.bench.packages import (
    BOUNDARY,
    MIB,
    make_small_package,
    multipart_around,
    write_big_package,
)
from devtools.bench.shop import BenchShop

CHUNK = 256 * 1024
# Written to /proc/<pid>/clear_refs it resets the peak of the process.
RESET_PEAK = "5"


def measure_memory(shop: BenchShop) -> list[tuple[str, str]]:
    """Publish a big package and compare the workers' memory before it with their peak."""
    (login, key), *_ = shop.make_writers(1, prefix="bench-publisher")
    small_package, big_package = shop.folder / "small.tgz", shop.folder / "big.tgz"
    metadata, tarball = make_small_package(login, "small-agent", "1.0.0")
    small_package.write_bytes(tarball)
    # What a worker loads at its first publish does not count.
    for _ in range(len(shop.worker_pids())):
        _publish(shop.port, key, metadata, small_package)
    metadata = write_big_package(big_package, login, "big-agent")
    before = {pid: _read_kib(pid, "VmRSS") for pid in shop.worker_pids()}
    for pid in before:
        Path(f"/proc/{pid}/clear_refs").write_text(RESET_PEAK)
    begin = time.perf_counter()
    status = _publish(shop.port, key, metadata, big_package)
    duration = time.perf_counter() - begin
    growth = max(_read_kib(pid, "VmHWM") - rss for pid, rss in before.items())
    return [
        ("package", f"{big_package.stat().st_size / MIB:.1f} MiB"),
        ("response", f"{status} after {duration:.1f} s"),
        ("worker before", f"{max(before.values()) / 1024:.1f} MiB"),
        ("growth to its peak", f"{growth / 1024:.1f} MiB"),
    ]


def _read_kib(pid: int, field: str) -> int:
    """A field of /proc/<pid>/status, in KiB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{field}:"))


def _publish(port: int, key: str, metadata: bytes, package: Path) -> int:
    """Upload a package in chunks and return the status."""
    head, tail = multipart_around(metadata)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    headers = {
        "Authorization": f"Bearer {key}",
        "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
        "Content-Length": str(len(head) + package.stat().st_size + len(tail)),
    }
    connection.request("POST", "/v1/agents/publish", _chunks(head, package, tail), headers)
    response = connection.getresponse()
    body = response.read()
    connection.close()
    # The small package is published once for every worker: all but the first get 409.
    if response.status >= 400 and response.status != 409:
        print(body[:2000].decode(errors="replace"))
    return response.status


def _chunks(head: bytes, package: Path, tail: bytes) -> Iterator[bytes]:
    yield head
    with package.open("rb") as source:
        while chunk := source.read(CHUNK):
            yield chunk
    yield tail
