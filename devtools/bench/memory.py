"""How much a worker grows while a package of a hundred mebibytes is published. Linux only."""

import http.client
import time
from collections.abc import Iterator
from pathlib import Path

from devtools.bench.packages import (
    BOUNDARY,
    MIB,
    multipart_around,
    package_named,
    write_big_package,
)
from devtools.bench.shop import Shop

CHUNK = 256 * 1024
CLEAR_PEAK = "5"


def measure_memory(shop: Shop) -> list[tuple[str, str]]:
    """Publishes a small package, then the big one; what the workers' peaks say of the second."""
    (login, key), *_ = shop.make_writers(1, called="bench-publisher")
    package = shop.folder / "big.tgz"
    small, tarball = package_named(login, "small-agent", "1.0.0")
    (shop.folder / "small.tgz").write_bytes(tarball)
    for _ in range(len(shop.worker_pids())):
        _publish(shop.port, key, small, shop.folder / "small.tgz")
    metadata = write_big_package(package, login, "big-agent")
    before = {pid: _read(pid, "VmRSS") for pid in shop.worker_pids()}
    for pid in before:
        Path(f"/proc/{pid}/clear_refs").write_text(CLEAR_PEAK)
    begin = time.perf_counter()
    status = _publish(shop.port, key, metadata, package)
    passed = time.perf_counter() - begin
    growth = max(_read(pid, "VmHWM") - rss for pid, rss in before.items())
    return [
        ("package", f"{package.stat().st_size / MIB:.1f} MiB"),
        ("answer", f"{status} after {passed:.1f} s"),
        ("a worker before", f"{max(before.values()) / 1024:.1f} MiB"),
        ("its peak growth", f"{growth / 1024:.1f} MiB"),
    ]


def _read(pid: int, name: str) -> int:
    """In KiB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def _publish(port: int, key: str, metadata: bytes, package: Path) -> int:
    head, tail = multipart_around(metadata)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    headers = {
        "Authorization": f"Bearer {key}",
        "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
        "Content-Length": str(len(head) + package.stat().st_size + len(tail)),
    }
    connection.request("POST", "/v1/agents/publish", _parts(head, package, tail), headers)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    if answer.status >= 400 and answer.status != 409:
        print(body[:2000].decode(errors="replace"))
    return answer.status


def _parts(head: bytes, package: Path, tail: bytes) -> Iterator[bytes]:
    yield head
    with package.open("rb") as source:
        while chunk := source.read(CHUNK):
            yield chunk
    yield tail
