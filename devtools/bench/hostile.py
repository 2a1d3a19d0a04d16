"""Measure the cost of the sandbox, and of hostile uploads for readers."""

import gzip
import random
import tarfile
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from itertools import count, repeat
from statistics import median
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple, cast

import orjson

from devtools.bench.client import get_request, run_load
from devtools.bench.packages import make_bench_manifest, multipart
from devtools.bench.shop import BenchShop

if TYPE_CHECKING:
    from devtools.demo.catalogue import DemoVersion

UPLOADS_PER_MINUTE = 16
LEAST_SECONDS = 12.0
ROUNDS = 5
PROBES = ("/healthz", "/readyz", "/agents")
WARM_UP_REQUESTS = 40
PUBLISHES = 30
UPLOADS_PER_ROUND = 8
MUTATIONS = 1_000
TEXT_FILES, LINES = 90, 12_000


def measure_sandbox(shop: BenchShop) -> list[tuple[str, str]]:
    """Publish the largest demo package with and without a child process, in turns."""
    from registry.sandbox import lanes as lanes_of_registry

    lanes = {"in a child": lanes_of_registry.PUBLISHING, "in this process": DirectLane()}
    costs: dict[str, list[PublishCost]] = {name: [] for name in lanes}
    publish = _make_publish(shop)
    for _ in range(PUBLISHES):
        for name, lane in lanes.items():
            lanes_of_registry.PUBLISHING = lane  # type: ignore[assignment]
            costs[name].append(publish())
    lanes_of_registry.PUBLISHING = lanes["in a child"]  # type: ignore[assignment]
    rows, processor = [], {}
    for name, of_lane in costs.items():
        # Without the first publish, which also starts the child process.
        wall, own, child = (median(times) for times in zip(*of_lane[1:], strict=True))
        processor[name] = min(cost.own + cost.child for cost in of_lane[1:])
        figures = (
            f"{1000 * wall:.1f} ms, processor {1000 * own:.1f} + {1000 * child:.1f} in a child"
        )
        rows.append((f"publish {name}", f"{figures}, at least {1000 * processor[name]:.1f}"))
    ratio = processor["in a child"] / processor["in this process"]
    return [*rows, ("ratio of processor time", f"{ratio:.2f}")]


class PublishCost(NamedTuple):
    """Seconds of one publish: wall clock, and processor time here and in the child."""

    wall: float
    own: float
    child: float


def largest_demo_version() -> "DemoVersion":
    from devtools.demo.catalogue import DEMO, read_versions

    versions = (version for folder in DEMO.glob("demo-*/*") for version in read_versions(folder))
    return max(versions, key=lambda version: sum(map(len, version.files.values())))


class DirectLane:
    """Performs tasks in this process, as no server does."""

    @contextmanager
    def session(self, **_limits: object) -> Iterator["DirectLane"]:
        from registry.examiner.tasks import Examiner

        self.examiner = Examiner()
        yield self

    def call(
        self, task: Callable[..., Any], argument: Any, files: Sequence[BinaryIO], *, limits: Any
    ) -> Any:
        for file in files:
            file.seek(0)
        return task(self.examiner, argument, files)


def _make_publish(shop: BenchShop) -> Callable[[], PublishCost]:
    """Returns a function that publishes another version and returns its cost."""
    from foundation.accounts.models import User
    from foundation.actor import Actor
    from foundation.files.tarballs import pack_files
    from foundation.sandbox.usage import child_seconds
    from registry.publishing.publish import publish_version
    from registry.publishing.upload import Upload

    ((login, _),) = shop.make_writers(1, prefix="bench-sandbox")
    largest = largest_demo_version()
    by, numbers = Actor(user=User.objects.get(username=login), door="command"), count()

    def publish() -> PublishCost:
        number = next(numbers)
        manifest = largest.manifest | {"id": f"@{login}/largest", "version": f"1.{number}.0"}
        files = dict(largest.files)
        for path in files:
            if path.endswith(".md"):
                # Known texts are not rendered again.
                files[path] += f"\nEdition {number}\n".encode()
        files["agent.json"] = orjson.dumps(manifest)
        upload = Upload(files["agent.json"].decode(), BytesIO(pack_files(sorted(files.items()))))
        begin = time.perf_counter(), time.process_time(), child_seconds()
        publish_version(upload, by=by)
        end = time.perf_counter(), time.process_time(), child_seconds()
        return PublishCost(*(after - before for before, after in zip(begin, end, strict=True)))

    return publish


def measure_hostile_uploads(shop: BenchShop, *, seconds: float) -> list[tuple[str, str]]:
    """Compare the rate of the list alone with its rate beside costly uploads.

    In turns, because the pace of a shared machine changes within a minute. The probes run all the
    time, so that the list competes with them in both cases.
    """
    seconds = max(LEAST_SECONDS, seconds / ROUNDS)
    # Of accounts of their own: one account waits for the end of its check.
    writers = shop.make_writers(UPLOADS_PER_ROUND, prefix="bench-hostile")
    numbers, statuses = count(), Counter[int]()
    for path in PROBES * WARM_UP_REQUESTS:
        # The first pages of a worker load the templates.
        _get(shop.port, path)
    rates: dict[str, list[float]] = {"alone": [], "beside uploads": []}
    latencies: dict[str, dict[str, list[float]]] = {name: {} for name in rates}
    for _ in range(ROUNDS):
        for name, of_kind in rates.items():
            stop = threading.Event()
            threads = [threading.Thread(target=_probe, args=(shop.port, stop, latencies[name]))]
            if name != "alone":
                uploads = [
                    (key, *make_costly_upload(login, next(numbers))) for login, key in writers
                ]
                arguments = (shop.port, uploads, stop, statuses)
                threads.append(threading.Thread(target=_upload_all, args=arguments))
            for thread in threads:
                thread.start()
            of_kind.append(_list_rate(shop, seconds))
            stop.set()
            # An upload that is not checked yet would slow the next round down.
            for thread in threads:
                thread.join()
    answers = ", ".join(f"{n} x {status}" for status, n in sorted(statuses.items()))
    ratios = [
        rate_beside / rate_alone for rate_alone, rate_beside in zip(*rates.values(), strict=True)
    ]
    return [
        ("uploads", f"{UPLOADS_PER_MINUTE} a minute, {ROUNDS} x {seconds:g} s: {answers}"),
        *((f"list {name}", f"{median(of_kind):,.0f} a second") for name, of_kind in rates.items()),
        (
            "ratio, median of rounds",
            f"{median(ratios):.2f} of {min(ratios):.2f} to {max(ratios):.2f}",
        ),
        *(
            (f"{path} {name}", f"slowest {1000 * max(times):.0f} ms of {len(times)}")
            for name, of_kind in latencies.items()
            for path, times in of_kind.items()
        ),
    ]


def _list_rate(shop: BenchShop, seconds: float) -> float:
    request = get_request("/v1/agents")
    figures, _ = run_load("list", shop.port, [repeat(request) for _ in range(4)], seconds=seconds)
    return figures.per_second


def make_costly_upload(login: str, number: int) -> tuple[str, bytes]:
    """Content type and body of a small upload that unpacks to much text."""
    manifest = make_bench_manifest(login, f"costly-{number}", "1.0.0")
    line = "Ask {0} people, write {1} lines, and tell key{2} = 'value{2}' to nobody.\n"
    text = "".join(line.format(n, n * 7, n * number) for n in range(LINES)).encode()
    tarball = BytesIO()
    with tarfile.open(fileobj=tarball, mode="w:gz", compresslevel=1) as tar:
        metadata = orjson.dumps(manifest)
        files = {"agent.json": metadata, "AGENTS.md": b"# Costly\n"}
        files |= {f"docs/{place}.md": text for place in range(TEXT_FILES)}
        for path, content in files.items():
            member = tarfile.TarInfo(path)
            member.size, member.mode = len(content), 0o644
            tar.addfile(member, BytesIO(content))
    return multipart(metadata, tarball.getvalue())


def _upload_all(
    port: int,
    uploads: list[tuple[str, str, bytes]],
    stop: threading.Event,
    statuses: Counter[int],
) -> None:
    threads = []
    for key, content_type, body in uploads:
        headers = {"Authorization": f"Bearer {key}", "Content-Type": content_type}
        address = f"http://127.0.0.1:{port}/v1/agents/publish"
        request = urllib.request.Request(address, body, headers)
        threads.append(threading.Thread(target=_upload, args=(request, statuses)))
        threads[-1].start()
        if stop.wait(60 / UPLOADS_PER_MINUTE):
            break
    for thread in threads:
        thread.join()


def _upload(request: urllib.request.Request, statuses: Counter[int]) -> None:
    try:
        with urllib.request.urlopen(request, timeout=120) as response:
            statuses[response.status] += 1
    except urllib.error.HTTPError as error:
        statuses[error.code] += 1


def _probe(port: int, stop: threading.Event, latencies: dict[str, list[float]]) -> None:
    while not stop.wait(0.1):
        for path in PROBES:
            begin = time.perf_counter()
            _get(port, path)
            latencies.setdefault(path, []).append(time.perf_counter() - begin)


def _get(port: int, path: str) -> None:
    urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=60).read()


def measure_mutations() -> list[tuple[str, str]]:
    """Check damaged packages with a clock. None may exceed the wall limit."""
    from foundation.files.tarballs import pack_files
    from foundation.sandbox.errors import TaskStopped
    from registry.examiner.records import CheckRequest
    from registry.examiner.tasks import Examiner
    from registry.package.manifest.categories import CATEGORIES
    from registry.sandbox.lanes import LIMITS, PUBLISHING

    generator, outcomes, slowest = random.Random(1), Counter[str](), 0.0
    original = gzip.decompress(pack_files(sorted(largest_demo_version().files.items())))
    request = CheckRequest(tuple(CATEGORIES))
    for _ in range(MUTATIONS):
        begin = time.perf_counter()
        with TemporaryFile() as file, PUBLISHING.session() as session:
            file.write(mutate(original, generator))
            file.flush()
            try:
                files = [cast(BinaryIO, file)]
                answer = session.call(Examiner.check, request, files, limits=LIMITS)
            except TaskStopped as error:
                outcomes[f"stopped: {error.reason}"] += 1
            else:
                has_errors = any(finding.is_error for finding in answer.findings)
                outcomes["refused" if has_errors else "accepted"] += 1
        slowest = max(slowest, time.perf_counter() - begin)
    counts = ", ".join(f"{n:,} {outcome}" for outcome, n in sorted(outcomes.items()))
    return [
        ("packages", counts),
        ("slowest", f"{1000 * slowest:.0f} ms, limit {LIMITS.wall_seconds:g} s"),
    ]


def mutate(data: bytes, generator: random.Random) -> bytes:
    """Damages a tar at up to eight places, and packs it again."""
    mutant = bytearray(data)
    for _ in range(generator.randint(1, 8)):
        place = generator.randrange(len(mutant))
        kind = generator.randrange(4)
        if kind == 0:
            mutant[place] = generator.randrange(256)
        elif kind == 1:
            mutant[place:place] = generator.randbytes(generator.randint(1, 1024))
        elif kind == 2:
            del mutant[place : place + generator.randint(1, 1024)]
        else:
            piece = mutant[place : place + generator.randint(1, 256)]
            mutant[place:place] = piece * generator.randint(1, 256)
    return gzip.compress(bytes(mutant), compresslevel=1)
