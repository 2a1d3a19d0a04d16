"""A full disk stops uploads and numbers; pages, probes and processes go on."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from clawstore.ops.metric_files import ReservedDict
from tests.support.servers.raw import FORM, multipart
from tests.support.servers.shop import LiveShop
from tests.support.servers.visitor import Visitor
from tests.support.uploads import PUBLISH

pytestmark = pytest.mark.live

MIB = 1024 * 1024


def fill(folder: Path) -> None:
    """Use up the last byte of the disk."""
    with (folder / "filler").open("ab", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))


@pytest.fixture(scope="module")
def small_disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A disk of 24 MiB, in memory."""
    folder = tmp_path_factory.mktemp("disk")
    mount = ["mount", "-t", "tmpfs", "-o", "size=24m", "none", str(folder)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("Only root can mount a disk of its own.")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture(scope="module")
def shop(small_disk: Path) -> Iterator[LiveShop]:
    with LiveShop(small_disk, RESERVED_DISK_MIB="4") as shop:
        yield shop


def workers(shop: LiveShop) -> set[str]:
    assert shop.server
    listing = subprocess.run(["pgrep", "-P", str(shop.server.pid)], capture_output=True, text=True)
    return set(listing.stdout.split())


def test_full_disk_stops_uploads_alone(shop: LiveShop, small_disk: Path) -> None:
    key = shop.key("crowded", "agents:publish")
    before = workers(shop)
    fill(small_disk)
    # Each kind of answer is a new series of the metrics, which needs room of its own.
    for path in ("/", "/agents", "/v1/agents", "/healthz", "/v1/categories", "/about/privacy"):
        for _ in range(6):
            assert shop.get(path).status_code == 200, path
    for number in range(40):
        assert shop.get(f"/nowhere-{number}").status_code == 404
        shop.post(f"/v1/agents/{number}/x/reviews", json={})

    body = multipart({}, {"tarball": bytes(2 * MIB)})
    answer = shop.post(PUBLISH, content=body, headers=FORM | {"Authorization": f"Bearer {key}"})

    assert (answer.status_code, answer.json()["error"]["code"]) == (507, "insufficient_storage")
    assert workers(shop) == before
    assert shop.get("/metrics").status_code == 200


def test_writes_on_a_full_disk_are_refused_and_work_again_later(
    shop: LiveShop, small_disk: Path
) -> None:
    visitor = Visitor(shop.url)
    page = visitor.get("/signin")
    fill(small_disk)
    (small_disk / "clawstore.sqlite3-wal").stat()
    token = visitor.http.cookies["csrftoken"]
    codes = set()
    for number in range(60):
        fields = {"csrfmiddlewaretoken": token, "login": f"person{number}"}
        answer = visitor.http.post("/signin", data=fields, follow_redirects=False)
        codes.add(answer.status_code)
        if answer.status_code == 507:
            assert "out of disk space" in answer.text
            break
    assert codes <= {302, 507}
    assert 507 in codes

    (small_disk / "filler").unlink()

    assert visitor.submit(page, to="/signin", login="later").status_code == 200


def test_metrics_do_not_map_what_the_disk_cannot_hold(small_disk: Path, shop: LiveShop) -> None:
    fill(small_disk)

    with pytest.raises(OSError, match="No space left"):
        ReservedDict(str(small_disk / "counter_1.db"))

    assert not (small_disk / "counter_1.db").exists()


def test_blocks_of_growing_metrics_are_allocated(tmp_path: Path) -> None:
    numbers = ReservedDict(str(tmp_path / "counter_1.db"))
    for number in range(5000):
        numbers.write_value(f"key {number}", 1.0, 0.0)

    file = os.stat(tmp_path / "counter_1.db")
    assert file.st_blocks * 512 >= file.st_size > 1 << 16
    assert numbers.read_value("key 1999") == (1.0, 0.0)
