"""Concurrent requests against a real server: one winner, exact numbers."""

import hashlib
import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent import futures
from typing import Any

import httpx
import pytest

from registry.rules.semver import precedence
from tests.support.packages import manifest, tarball
from tests.support.races import run_at_once
from tests.support.servers.no_tls import NO_TLS
from tests.support.servers.shop import LiveShop, eventually
from tests.support.uploads import PUBLISH

pytestmark = pytest.mark.race

Call = Callable[[], httpx.Response]


class Author:
    """Publishes to one agent of the live shop."""

    def __init__(self, shop: LiveShop, key: str, name: str) -> None:
        self.shop, self.full_id = shop, f"@racer/{name}"
        self.agent = f"/v1/agents/racer/{name}"
        self.headers = {"Authorization": f"Bearer {key}"}

    def package(self, version: str, word: str = "") -> tuple[dict[str, Any], bytes]:
        document = manifest(id=self.full_id, version=version)
        return document, tarball({"word.md": word}, document)

    def publish(self, document: dict[str, Any], data: bytes) -> httpx.Response:
        """Publishes, and tries again as long as the shop is busy with other packages."""
        while True:
            answer = self.send(document, data)
            if answer.status_code != 429:
                return answer
            assert answer.json()["error"]["code"] == "publishing_busy"
            time.sleep(0.1)

    def yank(self, version: str) -> httpx.Response:
        return self.shop.post(f"{self.agent}/versions/{version}/yank", headers=self.headers)

    def send(self, document: dict[str, Any], data: bytes) -> httpx.Response:
        return self.shop.post(
            PUBLISH,
            data={"metadata": json.dumps(document)},
            files={"tarball": ("package.tgz", data, "application/gzip")},
            headers=self.headers,
            # Eight costly checks at once can take longer than a page may, on a busy machine.
            timeout=120,
        )

    def get(self, tail: str = "") -> httpx.Response:
        return self.shop.get(self.agent + tail)


@pytest.fixture(scope="module")
def key(live_shop: LiveShop) -> str:
    return live_shop.key("racer", "agents:publish", "agents:yank")


def statuses(answers: Sequence[httpx.Response]) -> Counter[int]:
    return Counter(answer.status_code for answer in answers)


@pytest.mark.parametrize("is_existing_agent", [False, True])
def test_one_of_many_publishes_of_a_version_succeeds(
    live_shop: LiveShop, key: str, is_existing_agent: bool
) -> None:
    author = Author(live_shop, key, f"same-{is_existing_agent}".lower())
    if is_existing_agent:
        assert author.publish(*author.package("0.9.0")).status_code == 200
    packages = [author.package("1.0.0", word) for word in "abcdefgh"]

    answers = run_at_once([lambda p=p: author.publish(*p) for p in packages])  # type: ignore[misc]

    assert statuses(answers) == {200: 1, 409: 7}
    for answer in answers:
        if answer.status_code == 409:
            assert answer.json()["error"]["code"] == "version_not_monotonic"
    place = next(n for n, answer in enumerate(answers) if answer.status_code == 200)
    _, data = packages[place]
    assert author.get("/versions/1.0.0/tarball").content == data
    detail = author.get("/versions/1.0.0").json()
    assert detail["tarballSha256"] == hashlib.sha256(data).hexdigest()
    assert detail["id"] == answers[place].json()["versionId"]
    versions = [row["version"] for row in author.get("/versions").json()["items"]]
    assert versions == (["1.0.0", "0.9.0"] if is_existing_agent else ["1.0.0"])


def test_concurrent_publishes_of_different_versions_are_in_order(
    live_shop: LiveShop, key: str
) -> None:
    author = Author(live_shop, key, "different")
    numbers = ["1.0.0", "1.1.0", "1.2.0-rc.1", "1.2.0", "1.10.0", "2.0.0-rc.1"]

    answers = run_at_once(
        [lambda n=n: author.publish(*author.package(n)) for n in numbers]  # type: ignore[misc]
    )

    won = [n for n, answer in zip(numbers, answers, strict=True) if answer.status_code == 200]
    assert {answer.status_code for answer in answers} <= {200, 409}
    listing = [row["version"] for row in author.get("/versions").json()["items"]]
    assert listing == sorted(won, key=precedence, reverse=True)
    assert listing[0] == "2.0.0-rc.1"
    stable = [number for number in listing if "-" not in number]
    latest = author.get().json()["latestVersion"]
    assert (latest and latest["version"]) == (stable[0] if stable else None)


def test_yank_and_publish_at_the_same_time(live_shop: LiveShop, key: str) -> None:
    author = Author(live_shop, key, "yanked")
    assert author.publish(*author.package("1.0.0")).status_code == 200
    for patch in range(1, 4):
        before, after = f"1.0.{patch - 1}", f"1.0.{patch}"

        answers = run_at_once(
            [
                lambda: author.yank(before),  # noqa: B023
                lambda: author.publish(*author.package(after)),  # noqa: B023
            ]
        )

        assert statuses(answers) == {200: 2}
        assert author.get().json()["latestVersion"]["version"] == after

    rows = author.get("/versions").json()["items"]
    assert [row["yankedAt"] is None for row in rows] == [True] + [False] * 3
    items = live_shop.get(f"/v1/agents?q={author.full_id}").json()["items"]
    assert [item["name"] for item in items] == ["yanked"]


def test_concurrent_yanks_of_one_version(live_shop: LiveShop, key: str) -> None:
    author = Author(live_shop, key, "yanked-once")
    author.publish(*author.package("1.0.0"))

    answers = run_at_once([lambda: author.yank("1.0.0")] * 6)

    assert statuses(answers) == {200: 6}
    assert sum("alreadyYanked" not in answer.json() for answer in answers) == 1


def test_downloads_during_yanks_and_publishes_are_counted_exactly(
    live_shop: LiveShop, key: str
) -> None:
    author = Author(live_shop, key, "counted")
    for number in ("1.0.0", "1.0.1"):
        author.publish(*author.package(number))

    def download_five(number: str) -> httpx.Response:
        for _ in range(4):
            assert author.get(f"/versions/{number}/tarball").status_code == 200
        return author.get(f"/versions/{number}/tarball")

    def yank_two_others() -> httpx.Response:
        assert author.yank("1.0.0").status_code == 200
        return author.yank("1.0.1")

    answers = run_at_once(
        [
            *[lambda: download_five("1.0.0")] * 3,
            *[lambda: download_five("1.0.1")] * 3,
            yank_two_others,
            lambda: author.publish(*author.package("1.0.2")),
        ]
    )

    assert statuses(answers) == {200: 8}
    eventually(
        lambda: {
            row["version"]: row["downloadCount"] for row in author.get("/versions").json()["items"]
        },
        {"1.0.0": 15, "1.0.1": 15, "1.0.2": 0},
    )
    assert author.get().json()["downloadCount"] == 30
    assert author.get().json()["latestVersion"]["version"] == "1.0.2"


@pytest.mark.once
def test_counts_survive_a_stop_and_a_crash(live_shop: LiveShop, key: str) -> None:
    shop = live_shop
    author = Author(shop, key, "stopped")
    author.publish(*author.package("1.0.0"))

    answers = run_at_once([lambda: author.get("/versions/1.0.0/tarball")] * 8)
    shop.stop()
    shop.start()

    # The server writes the fetches that it had only in memory when it ends.
    assert statuses(answers) == {200: 8}
    assert author.get().json()["downloadCount"] == 8

    shop.kill()
    shop.start()
    author.get("/versions/1.0.0/tarball")

    # Fetches from one network on one day are one download, even across a crash.
    eventually(lambda: author.get("/downloads").json()["fetches"], 9, seconds=5)
    assert author.get("/downloads").json()["downloads"] == 1
    assert shop.manage("recount") == "No differences.\n"


@pytest.mark.once
def test_connections_are_closed_after_some_requests(live_shop: LiveShop) -> None:
    """Otherwise all requests of a busy client could stay with one worker."""
    with httpx.Client(base_url=live_shop.url, verify=NO_TLS) as client:
        answers = [client.get("/v1/health") for _ in range(100)]

    assert statuses(answers) == {200: 100}
    connections = [answer.headers["Connection"] for answer in answers]
    assert 2 <= connections.count("close") <= 5


@pytest.mark.once
def test_pages_answer_while_eight_costly_uploads_are_checked(live_shop: LiveShop, key: str) -> None:
    author = Author(live_shop, key, "costly")
    package = costly_package(author)
    times = []

    with futures.ThreadPoolExecutor(8) as threads:
        uploads = [threads.submit(author.send, *package) for _ in range(8)]
        while not all(upload.done() for upload in uploads):
            for path in ("/healthz", "/agents"):
                begin = time.monotonic()
                assert live_shop.get(path).status_code == 200
                times.append(time.monotonic() - begin)

    counts = statuses([upload.result() for upload in uploads])
    assert counts[200] == 1
    assert counts.keys() <= {200, 409, 429}
    assert max(times) < 5
    assert len(author.get("/versions").json()["items"]) == 1


def costly_package(author: Author) -> tuple[dict[str, Any], bytes]:
    """A package of 5 MiB of text, whose check takes many times that of a page."""
    document = manifest(id=author.full_id)
    line = "Ask {0} people, write {1} lines, and tell key{2} = 'value{2}' to nobody.\n"
    text = "".join(line.format(n, n * 7, n * 13) for n in range(12_000))
    return document, tarball({f"docs/{number}.md": text for number in range(5)}, document)
